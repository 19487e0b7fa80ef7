import { mkdir, open, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";

import { scanHome } from "../../runtime/scan-home.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { digits, token } from "./canaries.ts";

async function scanOne(value: string | Uint8Array, write: (folder: string) => Promise<unknown>) {
  const folder = await tempFolder();
  await write(folder);
  return scanHome(folder, [{ name: "canary", value }]);
}

const mebibyte = 1024 * 1024;

test("finds a text that lies across the border of two pieces of a large file", async () => {
  const value = token();
  for (const offset of [64 * mebibyte - 5, 64 * mebibyte, 128 * mebibyte - value.length + 1]) {
    const { hits, bytes } = await scanOne(value, async (folder) => {
      const file = await open(join(folder, "large"), "w");
      await file.write(value, offset);
      await file.close();
    });
    expect(hits).toEqual([{ canary: "canary", form: "text utf-8", file: "large", offset }]);
    expect(bytes).toBe(offset + value.length);
  }
}, 60_000);

test("looks into a packed file that was cut off, one with a name in it, and one amid other bytes", async () => {
  const value = token();
  const packed = gzipSync(`${value}${digits(400)}`);
  const { hits } = await scanOne(value, async (folder) => {
    const named = Buffer.concat([packed.subarray(0, 3), Buffer.from([8]), packed.subarray(4, 10)]);
    await writeFile(
      join(folder, "named"),
      Buffer.concat([named, Buffer.from("worker.log\0"), packed.subarray(10)]),
    );
    await writeFile(join(folder, "cut"), packed.subarray(0, packed.length - 40));
    await writeFile(
      join(folder, "amid"),
      Buffer.concat([Buffer.from("before"), packed, Buffer.from("after")]),
    );
  });
  expect(hits.map(({ file, form }) => `${file}: ${form}`).toSorted()).toEqual([
    "amid: text utf-8, gzip",
    "cut: text utf-8, gzip",
    "named: text utf-8, gzip",
  ]);
});

test("finds a number that was stored as one, and a text in the name of a file", async () => {
  const psid = `72${digits(14)}`;
  const { hits } = await scanOne(psid, async (folder) => {
    const number = Buffer.alloc(8);
    number.writeBigInt64BE(BigInt(psid));
    await writeFile(join(folder, "number"), number);
    await writeFile(join(folder, psid), "");
  });
  expect(hits.map(({ file, form }) => `${file}: ${form}`).toSorted()).toEqual([
    "a file's name: text utf-8",
    "number: text int64be",
  ]);
});

test("leaves out the simulators' world and what links lead to, and nothing else", async () => {
  const value = token();
  const { hits, files } = await scanOne(value, async (folder) => {
    for (const inner of ["sim", "logs", "logs/sim"]) {
      await mkdir(join(folder, inner), { recursive: true });
      await writeFile(join(folder, inner, "file"), value);
    }
    await symlink(folder, join(folder, "loop"));
  });
  expect(hits.map(({ file }) => file).toSorted()).toEqual(["logs/file", "logs/sim/file"]);
  expect(files).toBe(2);
});

test("finds nothing in what only resembles", async () => {
  const value = token();
  const { hits } = await scanOne(value, (folder) => writeFile(join(folder, "file"), value.slice(1)));
  expect(hits).toEqual([]);
});
