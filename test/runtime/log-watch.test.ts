import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createLogger } from "../../clients/log.ts";
import { AppError } from "../../domain/app-error.ts";
import { watchLog } from "../../runtime/log-watch.ts";
import { eventually } from "../support/eventually.ts";
import { tempFolder } from "../support/temp-folder.ts";

test("shows a process's errors, and a flood of them only in the beginning", async () => {
  const path = join(await tempFolder(), "worker.log");
  writeFileSync(path, '{"level":"error","msg":"old.error"}\n');
  const lines: string[] = [];
  const stop = watchLog("worker", path, (line) => lines.push(line), 10);
  const logger = createLogger("worker", {
    destination: { write: (line: string) => appendFileSync(path, line) },
  });
  logger.info("process.ready");
  appendFileSync(path, "not a line of the logger\n");
  const err = new AppError("unavailable", "db.away", { internal: "pool is cut off" });
  for (let count = 0; count < 20; count++) logger.error({ err }, "turn.failed");
  await eventually("all is read", () => lines.length >= 6);
  stop();
  expect(lines).toEqual([
    ...Array.from({ length: 5 }, () => "worker: turn.failed (db.away: pool is cut off)"),
    `worker: further errors only in ${path}`,
  ]);
});
