import { appendFile, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";

import { createErasureList } from "../../clients/erasure-list.ts";
import { newId } from "../../domain/id.ts";
import type { ShopId, SubjectId } from "../../domain/id.ts";
import type { ErasureEntry } from "../../domain/ports/erasure-list.ts";
import { tempFolder } from "../support/temp-folder.ts";

const entry = (): ErasureEntry => ({
  shopId: newId<ShopId>(),
  subjectId: newId<SubjectId>(),
  purposes: ["chat", "order"],
  at: new Date("2026-11-29T10:00:00.123Z"),
});
const pathIn = async () => join(await tempFolder(), "erasures", "list.jsonl");

test("keeps what was added, for whoever reads it later and for the owner alone", async () => {
  const path = await pathIn();
  const [one, two, three] = [entry(), entry(), entry()];
  await createErasureList(path).append([one, two]);
  await createErasureList(path).append([three]);
  await createErasureList(path).append([]);
  expect(await createErasureList(path).read()).toEqual([one, two, three]);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});

test("is empty where nobody was erased", async () => {
  expect(await createErasureList(await pathIn()).read()).toEqual([]);
});

test("passes over a line that a power cut tore, at every length, and goes on behind it", async () => {
  const path = await pathIn();
  const list = createErasureList(path);
  const [kept, torn, next] = [entry(), entry(), entry()];
  await list.append([kept]);
  const before = await readFile(path, "utf8");
  await list.append([torn]);
  const line = (await readFile(path, "utf8")).slice(before.length);
  for (const length of [1, 20, line.length - 3, line.length - 2]) {
    await writeFile(path, before + line.slice(0, length));
    expect(await list.read()).toEqual([kept]);
    await list.append([next]);
    expect(await list.read()).toEqual([kept, next]);
  }
});

test("loses no line when many add at once", async () => {
  const path = await pathIn();
  const entries = Array.from({ length: 40 }, entry);
  await Promise.all(entries.map((one) => createErasureList(path).append([one])));
  const read = await createErasureList(path).read();
  expect(read.map(({ subjectId }) => subjectId).sort()).toEqual(
    entries.map(({ subjectId }) => subjectId).sort(),
  );
});

test("refuses a line that was changed: whom it names would come back", async () => {
  const path = await pathIn();
  const list = createErasureList(path);
  await list.append([entry()]);
  const text = await readFile(path, "utf8");
  await writeFile(
    path,
    text.replace(/"subjectId":"(.)/, (_, digit) => `"subjectId":"${digit === "0" ? "1" : "0"}`),
  );
  await expect(list.read()).rejects.toMatchObject({ code: "erasure_list.damaged" });
  await writeFile(path, text);
  await appendFile(path, "{}\n");
  await expect(list.read()).rejects.toMatchObject({ code: "erasure_list.damaged" });
});
