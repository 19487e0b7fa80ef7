import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createKeyring } from "../../clients/keyring.ts";
import { newId } from "../../domain/id.ts";
import type { ShopId, SubjectId } from "../../domain/id.ts";
import type { KeyRef } from "../../domain/ports/keyring.ts";
import { MemoryKeyRows } from "./memory-key-rows.ts";

let folder: string;
let rows: MemoryKeyRows;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "keyring-"));
  rows = new MemoryKeyRows();
});
afterEach(() => rm(folder, { recursive: true }));

const ref = (): KeyRef => ({ shopId: newId<ShopId>(), subjectId: newId<SubjectId>(), purpose: "chat" });

async function storeKey() {
  const keyring = await createKeyring({ folder, rows });
  const [made] = await keyring.makeKeys([ref()]);
  if (made === undefined) throw new Error("no key made");
  rows.rows.push(made.row);
  return made;
}

describe("keyring", () => {
  test("unwraps after a restart what it wrapped before", async () => {
    const made = await storeKey();
    const restarted = await createKeyring({ folder, rows });
    const [byId] = await restarted.unwrap({ refs: [], ids: [made.row.id] });
    const [byRef] = await restarted.unwrap({ refs: [made.row], ids: [] });
    expect(byId?.key.equals(made.dataKey.key)).toBe(true);
    expect(byRef?.id).toBe(made.row.id);
  });

  test("keeps its files for the owner alone and no key in the clear but the root", async () => {
    const made = await storeKey();
    const names = await readdir(folder);
    expect(names.sort()).toEqual(["epoch-1.key", "index-1.key", "root.key"]);
    for (const name of names) expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600);
    expect(made.row.wrapped.includes(made.dataKey.key)).toBe(false);
    expect(made.row.wrapped.length).toBe(32 + 46);
  });

  test("asks the database once for a batch and not at all for nothing", async () => {
    const keyring = await createKeyring({ folder, rows });
    const made = await keyring.makeKeys(Array.from({ length: 50 }, ref));
    rows.rows.push(...made.map(({ row }) => row));
    const keys = await keyring.unwrap({ refs: [], ids: rows.rows.map(({ id }) => id) });
    await keyring.unwrap({ refs: [], ids: [] });
    expect(keys).toHaveLength(50);
    expect(rows.finds).toBe(1);
  });

  test("refuses a wrapped key that was moved to another subject, purpose or shop", async () => {
    const made = await storeKey();
    const keyring = await createKeyring({ folder, rows });
    for (const change of [
      { subjectId: newId<SubjectId>() },
      { purpose: "finance" as const },
      { shopId: newId<ShopId>() },
    ]) {
      rows.rows = [{ ...made.row, ...change }];
      const unwrapped = keyring.unwrap({ refs: [], ids: [made.row.id] });
      await expect(unwrapped).rejects.toMatchObject({ code: "keyring.wrong_key" });
    }
  });

  test("gives each shop another index key, the same after a restart", async () => {
    const [shopA, shopB] = [newId<ShopId>(), newId<ShopId>()];
    const first = await createKeyring({ folder, rows });
    const second = await createKeyring({ folder, rows });
    const keyA = await first.indexKey(shopA);
    expect(keyA.equals(await second.indexKey(shopA))).toBe(true);
    expect(keyA.equals(await first.indexKey(shopB))).toBe(false);
    expect(keyA.equals(await first.indexKey("platform"))).toBe(false);
  });

  test("says which file is wrong instead of making new keys over old data", async () => {
    await storeKey();
    await rm(join(folder, "root.key"));
    await expect(createKeyring({ folder, rows })).rejects.toMatchObject({ code: "keyring.root_missing" });
    await writeFile(join(folder, "root.key"), Buffer.alloc(32, 7), { mode: 0o600 });
    await expect(createKeyring({ folder, rows })).rejects.toMatchObject({ code: "keyring.file_broken" });
    await writeFile(join(folder, "root.key"), "short");
    await expect(createKeyring({ folder, rows })).rejects.toMatchObject({ code: "keyring.file_broken" });
  });

  test("refuses files that others can read", async () => {
    await storeKey();
    await chmod(join(folder, "root.key"), 0o644);
    await expect(createKeyring({ folder, rows })).rejects.toMatchObject({ code: "keyring.file_too_open" });
  });

  test("refuses an epoch that only the database knows", async () => {
    const keyring = await createKeyring({ folder, rows });
    rows.epoch = 9;
    await expect(keyring.makeKeys([ref()])).rejects.toMatchObject({ code: "keyring.epoch_missing" });
  });

  test("ends with one set of keys when many start at once", async () => {
    const keyrings = await Promise.all(Array.from({ length: 8 }, () => createKeyring({ folder, rows })));
    const made = await Promise.all(keyrings.map((keyring) => keyring.makeKeys([ref()])));
    rows.rows = made.flat().map(({ row }) => row);
    for (const keyring of keyrings) {
      expect(await keyring.unwrap({ refs: [], ids: rows.rows.map(({ id }) => id) })).toHaveLength(8);
    }
    expect((await readdir(folder)).filter((name) => name.startsWith("."))).toEqual([]);
  });

  test("ends with one set of keys when processes start at once", async () => {
    const script = [
      `import { loadKeyFiles } from ${JSON.stringify(join(import.meta.dirname, "../../clients/keyring-files.ts"))};`,
      `const files = await loadKeyFiles(${JSON.stringify(folder)});`,
      `process.stdout.write(files.index.toString("hex"));`,
    ].join("\n");
    const outputs = await Promise.all([1, 2, 3].map(() => runModule(script)));
    expect(outputs[0]).toMatch(/^[0-9a-f]{64}$/);
    expect(new Set(outputs).size).toBe(1);
    expect((await readFile(join(folder, "root.key"))).length).toBe(32);
  });
});

async function runModule(source: string): Promise<string> {
  const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "--eval", source], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  await once(child, "close");
  return output;
}
