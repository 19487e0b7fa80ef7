import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createObjectStore } from "../../clients/object-store.ts";
import { newId } from "../../domain/id.ts";
import type { ObjectId } from "../../domain/id.ts";
import type { ObjectStore } from "../../domain/ports/object-store.ts";

let folder: string;
let store: ObjectStore;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "objects-"));
  store = createObjectStore({ folder });
});
afterEach(() => rm(folder, { recursive: true }));

async function listFiles(): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

async function onlyFile(): Promise<string> {
  const [file, ...others] = await listFiles();
  if (file === undefined || others.length > 0) throw new Error("not one file");
  return file;
}

const canary = Buffer.from("CANARY slip of Ma Hla ".repeat(50));

describe("object store", () => {
  test("returns after a restart what was put, and holds no plaintext", async () => {
    const id = newId<ObjectId>();
    const { key, size } = await store.put(id, canary);
    expect(size).toBe(canary.length);
    expect((await createObjectStore({ folder }).get(id, key)).equals(canary)).toBe(true);
    const raw = await readFile(await onlyFile());
    expect(raw.includes("CANARY")).toBe(false);
    expect(raw.includes(key)).toBe(false);
  });

  test("keeps files in two levels of folders, for their owner alone", async () => {
    const id = newId<ObjectId>();
    await store.put(id, canary);
    const file = await onlyFile();
    expect(file.startsWith(join(folder, id.slice(-2), id.slice(-4, -2), id))).toBe(true);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await stat(join(folder, id.slice(-2)))).mode & 0o777).toBe(0o700);
  });

  test("gives every object its own key", async () => {
    const [first, second] = [newId<ObjectId>(), newId<ObjectId>()];
    const { key } = await store.put(first, canary);
    await store.put(second, canary);
    await expect(store.get(second, key)).rejects.toMatchObject({ code: "object.missing" });
  });

  test("refuses bytes that were changed, cut or moved to another object", async () => {
    const id = newId<ObjectId>();
    const { key } = await store.put(id, canary);
    const file = await onlyFile();
    const whole = await readFile(file);
    for (const index of [0, 1, 20, 30, 40, whole.length - 1]) {
      const changed = Buffer.from(whole);
      changed[index] = (changed[index] ?? 0) ^ 1;
      await writeFile(file, changed);
      await expect(store.get(id, key), `byte ${index}`).rejects.toMatchObject({ code: "object.damaged" });
    }
    await writeFile(file, whole.subarray(0, 40));
    await expect(store.get(id, key)).rejects.toMatchObject({ code: "object.damaged" });
    const other = newId<ObjectId>();
    await store.put(other, canary);
    const otherFile = (await listFiles()).find((name) => name.includes(other)) ?? "";
    const fingerprint = file.split(".").at(-1) ?? "";
    await writeFile(otherFile.replace(/\.[0-9a-f]+$/, `.${fingerprint}`), whole);
    await expect(store.get(other, key)).rejects.toMatchObject({ code: "object.damaged" });
  });

  test("keeps what the first attempt stored when a second one stores the same object", async () => {
    const id = newId<ObjectId>();
    const first = await store.put(id, canary);
    const second = await store.put(id, Buffer.from("later"));
    expect((await store.get(id, first.key)).equals(canary)).toBe(true);
    expect((await store.get(id, second.key)).toString()).toBe("later");
  });

  test("removes every attempt of an object, its neighbours stay, and twice is fine", async () => {
    const [gone, kept] = [newId<ObjectId>(), newId<ObjectId>()];
    const { key } = await store.put(gone, canary);
    await store.put(gone, canary);
    const neighbour = await store.put(kept, canary);
    await store.remove(gone);
    await store.remove(gone);
    await expect(store.get(gone, key)).rejects.toMatchObject({ kind: "not_found", code: "object.missing" });
    expect((await store.get(kept, neighbour.key)).equals(canary)).toBe(true);
  });

  test("leaves nothing half written and says unavailable when the disk refuses", async () => {
    const id = newId<ObjectId>();
    const notAFolder = join(folder, id.slice(-2));
    await writeFile(notAFolder, "in the way");
    await chmod(notAFolder, 0o600);
    await expect(store.put(id, canary)).rejects.toMatchObject({
      kind: "unavailable",
      code: "object.store_unavailable",
    });
    expect(await listFiles()).toEqual([notAFolder]);
  });

  test("stores an empty object and refuses an id that could be a path", async () => {
    const id = newId<ObjectId>();
    const { key } = await store.put(id, Buffer.alloc(0));
    expect((await store.get(id, key)).length).toBe(0);
    await expect(store.put("../../etc/passwd" as ObjectId, canary)).rejects.toMatchObject({
      code: "object.bad_id",
    });
  });
});
