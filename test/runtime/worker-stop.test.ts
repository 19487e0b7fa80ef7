import { spawn } from "node:child_process";
import { once } from "node:events";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";

import { checkoutFolder } from "../../runtime/config.ts";
import { startHouse } from "../support/house.ts";
import type { House } from "../support/house.ts";
import { settingsOf } from "../support/worker-process.ts";

let house: House;
beforeAll(async () => {
  house = await startHouse();
});
afterAll(() => house.close());

test("a worker that is asked to stop by SIGTERM finishes and ends with 0", async () => {
  const child = spawn(process.execPath, ["runtime/start.js", "--only", "worker"], {
    cwd: checkoutFolder,
    env: { PATH: process.env["PATH"], TZ: "UTC", ...settingsOf(house), SHOPTHREAD_LOG_LEVEL: "info" },
    stdio: ["ignore", "pipe", "inherit", "ipc"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let log = "";
  child.stdout?.on("data", (chunk) => (log += String(chunk)));
  await once(child, "message"); // it is ready
  child.kill("SIGTERM");
  expect(await once(child, "exit"), log).toEqual([0, null]);
  expect(log).toContain("process.stopped");
}, 60_000);
