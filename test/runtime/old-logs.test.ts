import { appendFileSync, openSync, readFileSync, statSync, utimesSync, writeSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { turnOldLogs } from "../../runtime/old-logs.ts";
import { tempFolder } from "../support/temp-folder.ts";

const dayMs = 24 * 60 * 60_000;

test("no line of a log is older than 30 days, while its writer goes on", async () => {
  const folder = await tempFolder();
  const path = join(folder, "worker.log");
  const writer = openSync(path, "a", 0o600);
  const begun = statSync(path).birthtimeMs;
  const linesAt = () =>
    [`${path}.1`, path].flatMap((file) => {
      try {
        return readFileSync(file, "utf8").split("\n").filter(Boolean).map(Number);
      } catch {
        return [];
      }
    });
  for (let day = 0; day <= 100; day += 1) {
    const now = begun + day * dayMs;
    writeSync(writer, `${day}\n`);
    const former = statSync(`${path}.1`, { throwIfNoEntry: false })?.mtimeMs;
    turnOldLogs(folder, new Date(now));
    // The file system's own clock stands still in this test.
    const turned = statSync(`${path}.1`, { throwIfNoEntry: false })?.mtimeMs;
    if (turned !== undefined && turned !== former) utimesSync(`${path}.1`, now / 1_000, now / 1_000);
    const lines = linesAt();
    expect(lines).toContain(day);
    expect(Math.min(...lines)).toBeGreaterThanOrEqual(day - 30);
    expect(lines).toEqual(lines.toSorted((left, right) => left - right));
  }
  expect(linesAt().length).toBeGreaterThan(14);
});

test("what is no log is left alone", async () => {
  const folder = await tempFolder();
  appendFileSync(join(folder, "notes.txt"), "mine");
  turnOldLogs(folder, new Date(Date.now() + 365 * dayMs));
  expect(readFileSync(join(folder, "notes.txt"), "utf8")).toBe("mine");
});
