import { spawn } from "node:child_process";
import { once } from "node:events";
import type { WorkerInterceptors } from "@temporalio/worker";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";

import { checkoutFolder } from "../../runtime/config.ts";
import { openTestShop, startHouse } from "../support/house.ts";
import type { House } from "../support/house.ts";
import { Customer } from "../support/people.ts";
import { settingsOf } from "../support/worker-process.ts";

let house: House;
beforeAll(async () => {
  house = await startHouse();
});
afterAll(() => house.close());

test("a worker that is asked to stop by SIGTERM finishes and ends with 0", async () => {
  const child = spawn(process.execPath, ["runtime/start.js", "--only", "worker"], {
    cwd: checkoutFolder,
    env: { PATH: process.env["PATH"], TZ: "UTC", ...settingsOf(house.config), SHOPTHREAD_LOG_LEVEL: "info" },
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

test("a worker with an activity that never ends stops all the same, and its successor takes the turn over", async () => {
  const shop = await openTestShop(house);
  const begun = new Promise<void>((resolve) => {
    const interceptors: WorkerInterceptors = {
      activity: [() => ({ inbound: { execute: () => (resolve(), new Promise(() => undefined)) } })],
    };
    void house.restartWorker({ interceptors });
  });
  const customer = new Customer(house, shop);
  await customer.say("What are your opening hours?");
  await begun;
  await house.restartWorker();
  await customer.hearsText("9 to 19", 60_000);
}, 120_000);
