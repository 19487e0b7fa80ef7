import { open, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";

import { createEpochFile, destroyEpochFile, loadKeyFiles } from "../../clients/keyring-files.ts";
import { createPrivateFile } from "../../clients/private-file.ts";
import { joinRootKey, rotateRootKey, splitRootKey } from "../../clients/root-key.ts";
import { fc, runs } from "../support/properties.ts";
import { tempFolder } from "../support/temp-folder.ts";

async function keyring(): Promise<string> {
  const folder = await tempFolder();
  await loadKeyFiles(folder);
  await createEpochFile(folder, 2);
  return folder;
}

test("a new root key leaves every epoch and index key as it was, and the old root opens none", async () => {
  const folder = await keyring();
  const [before, oldRoot] = [await loadKeyFiles(folder), await readFile(join(folder, "root.key"))];
  expect(await rotateRootKey(folder)).toBe(3);
  expect(await loadKeyFiles(folder)).toEqual(before);
  expect((await readdir(folder)).sort()).toEqual(["epoch-1.key", "epoch-2.key", "index-1.key", "root.key"]);
  await writeFile(join(folder, "root.key"), oldRoot);
  await expect(loadKeyFiles(folder)).rejects.toMatchObject({ code: "keyring.file_broken" });
});

test("a change of the root key that was killed at any file loses none, and is gone on with", async () => {
  for (const isDone of [
    [],
    ["epoch-1.key"],
    ["epoch-1.key", "index-1.key"],
    ["epoch-1.key", "epoch-2.key", "index-1.key"],
  ]) {
    const folder = await keyring();
    const before = await loadKeyFiles(folder);
    const old = new Map(
      await Promise.all(
        (await readdir(folder)).map(async (name) => [name, await readFile(join(folder, name))] as const),
      ),
    );
    await rotateRootKey(folder);
    // As a run leaves it that dies after these files: the new root beside the old one.
    await createPrivateFile(folder, "root-next.key", await readFile(join(folder, "root.key")));
    for (const [name, bytes] of old) if (!isDone.includes(name)) await writeFile(join(folder, name), bytes);
    expect(await loadKeyFiles(folder)).toEqual(before);
    await rotateRootKey(folder);
    expect(await loadKeyFiles(folder)).toEqual(before);
    expect(await readdir(folder)).not.toContain("root-next.key");
  }
});

test("a destroyed key is overwritten before its file goes, with what a killed write of it left behind", async () => {
  const folder = await keyring();
  const path = join(folder, "epoch-1.key");
  const key = await readFile(path);
  await writeFile(join(folder, ".epoch-1.key.0123456789abcdef"), key);
  const held = await Promise.all(
    [path, join(folder, ".epoch-1.key.0123456789abcdef")].map((name) => open(name, "r")),
  );
  await destroyEpochFile(folder, 1);
  for (const file of held) {
    const { buffer } = await file.read(Buffer.alloc(key.length), 0, key.length, 0);
    expect(buffer.subarray(-48).equals(key.subarray(-48))).toBe(false);
    await file.close();
  }
  expect((await readdir(folder)).filter((name) => name.includes("epoch-1"))).toEqual([]);
  await destroyEpochFile(folder, 1);
});

test("an epoch that is opened while the root key is changed opens afterwards", async () => {
  const folder = await keyring();
  await createPrivateFile(folder, "root-next.key", Buffer.alloc(32, 9));
  await createEpochFile(folder, 3);
  const { epochs } = await loadKeyFiles(folder);
  await rotateRootKey(folder);
  expect((await loadKeyFiles(folder)).epochs).toEqual(epochs);
  expect([...epochs.keys()].sort((left, right) => left - right)).toEqual([1, 2, 3]);
});

test("any of the shares that are enough give the root key back, and fewer give none", async () => {
  const folder = await keyring();
  const before = await loadKeyFiles(folder);
  const shares = await splitRootKey(folder, { shares: 5, needed: 3 });
  await fc.assert(
    fc.asyncProperty(fc.shuffledSubarray(shares), async (given) => {
      await rm(join(folder, "root.key"), { force: true });
      if (given.length < 3) {
        await expect(joinRootKey(folder, given)).rejects.toMatchObject({ code: "keyring.bad_shares" });
        await expect(loadKeyFiles(folder)).rejects.toMatchObject({ code: "keyring.root_missing" });
      } else {
        await joinRootKey(folder, given);
        expect(await loadKeyFiles(folder)).toEqual(before);
      }
    }),
    { numRuns: runs(15) },
  );
});

test("says what is wrong with shares, and never replaces a root key", async () => {
  const [folder, other] = [await keyring(), await keyring()];
  const shares = await splitRootKey(folder, { shares: 3, needed: 2 });
  const [first = "", second = ""] = shares;
  const [strange = ""] = await splitRootKey(other, { shares: 3, needed: 2 });
  const flipped = `${second.slice(0, -3)}${second.at(-3) === "A" ? "B" : "A"}${second.slice(-2)}`;
  const empty = await tempFolder();
  for (const [given, why] of [
    [[], "none was given"],
    [[first, "hello"], "not a share"],
    [[first, first], "2 different ones are needed"],
    [[first, strange], "different root keys"],
    [[first, flipped], "damaged"],
  ] as const) {
    await expect(joinRootKey(empty, [...given])).rejects.toThrow(why);
    expect(await readdir(empty)).toEqual([]);
  }
  await expect(joinRootKey(other, [first, second])).rejects.toThrow("another root.key");
});
