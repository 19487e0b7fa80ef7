import { afterAll, beforeAll, expect, test } from "vitest";
import { ApplicationFailure } from "@temporalio/common";
import type { Context, Info } from "@temporalio/activity";

import { findFreePort } from "../../runtime/free-port.ts";
import { measureActivities } from "../../runtime/measure-activities.ts";
import { startMetricsServer } from "../../runtime/metrics-server.ts";
import { createWorkerMetrics } from "../../runtime/worker-metrics.ts";
import { startWorker } from "../../runtime/worker.ts";
import { eventually } from "../support/eventually.ts";
import { openTestShop, startHouse } from "../support/house.ts";
import type { House, TestShop } from "../support/house.ts";
import { Outside, rowsOf } from "../support/outside.ts";
import { Customer } from "../support/people.ts";
import { readSamples, valueOf } from "../support/prometheus.ts";

let house: House;
let shop: TestShop;
let address: string;
beforeAll(async () => {
  const port = await findFreePort(0, "a port");
  address = `http://127.0.0.1:${port}/metrics`;
  house = await startHouse({ env: { SHOPTHREAD_WORKER_METRICS_PORT: String(port) } });
  shop = await openTestShop(house);
});
afterAll(() => house.close());

const scrape = async () => readSamples(await (await fetch(address)).text());

/** The value, once it is at least this. */
function reaches(least: number, name: string, labels: Record<string, string> = {}) {
  return eventually(`${name} ${JSON.stringify(labels)} is ${least}`, async () => {
    const value = valueOf(await scrape(), name, labels);
    return value !== undefined && value >= least && { value };
  });
}

test("one address shows what the worker did, whom it called, and Temporal's core", async () => {
  const customer = new Customer(house, shop);
  await customer.say("Hello");
  await customer.hearsText(/./);
  await reaches(1, "shopthread_activity_seconds_count", { activity: "runTurn", outcome: "completed" });
  await reaches(1, "shopthread_loop_runs_total", { loop: "settle", outcome: "completed" });
  await reaches(1, "shopthread_model_call_seconds_count", { call: "respond", outcome: "complete" });
  await reaches(1, "shopthread_model_tokens_total", { direction: "input" });
  await reaches(1, "shopthread_graph_send_seconds_count", { outcome: "sent" });
  await reaches(20, "shopthread_postgres_connections", { pool: "tenant", state: "max" });
  await reaches(1, "shopthread_data_key_lookups_total", { outcome: "hit" });
  await reaches(0.001, "nodejs_eventloop_lag_p99_seconds");
  const taskQueue = house.temporal.taskQueue;
  await reaches(1, "temporal_num_pollers", { poller_type: "workflow_task", task_queue: taskQueue });
});

test("what the outside refuses is counted by its code, and what fails by what it was", async () => {
  const outside = new Outside(house);
  const body = { error: { message: "nobody sees this", type: "OAuthException", code: 100 } };
  await outside.arm({ to: "graph", match: "/messages", status: 400, body, times: 20 });
  await outside.arm({ to: "model", status: 500, body, times: 1 });
  const customer = new Customer(house, shop);
  await customer.say("Hello");
  await reaches(1, "shopthread_graph_refusals_total", { action: "permanent", code: "100" });
  await reaches(1, "shopthread_model_call_seconds_count", { outcome: "model.server_error" });
  await outside.calm();
});

test("rows that wait are counted by what they are, with the age of the oldest", async () => {
  const customer = new Customer(house, shop);
  await customer.say("Hello");
  await customer.hearsText(/./);
  const setState = (state: string, age: string) =>
    rowsOf(
      house,
      `update outbox set state = $2, next_attempt_at = 'infinity', sending_at = now() - $3::interval
       where id = (select id from outbox where shop_id = $1 and state = 'sent' limit 1)`,
      [shop.shopId, state, age],
    );
  await setState("unknown", "1 hour");
  await reaches(1, "shopthread_waiting_rows", { what: "unknown" });
  await reaches(3_600, "shopthread_oldest_waiting_seconds", { what: "unknown" });
  await rowsOf(house, "update pages set state = 'broken' where shop_id = $1", [shop.shopId]);
  await reaches(1, "shopthread_broken_pages_rows");
  await rowsOf(house, "update pages set state = 'connected' where shop_id = $1", [shop.shopId]);
});

test("a second worker on this machine takes any port, or says that the given one is taken", async () => {
  const render = () => Promise.resolve("x 1\n");
  const others = await Promise.all(
    [0, 0].map((port) => startMetricsServer({ host: "127.0.0.1", port, render })),
  );
  const answers = await Promise.all(
    others.map(({ port }) => fetch(`http://127.0.0.1:${port}/metrics`).then((answer) => answer.text())),
  );
  expect(answers).toEqual(["x 1\n", "x 1\n"]);
  await Promise.all(others.map((server) => server.close()));
  await expect(startWorker(house.config, { hasSchedules: false })).rejects.toMatchObject({
    code: "worker.metrics_port",
    details: { public: expect.stringContaining("SHOPTHREAD_WORKER_METRICS_PORT") },
  });
});

test("an activity that keeps failing is told from one that fails now and then, and from one refused for good", async () => {
  const metrics = createWorkerMetrics(new Date());
  const attempt = async (number: number, error: Error) => {
    const info = { activityType: "runTurn", attempt: number } as Info;
    const { inbound } = measureActivities(metrics)({ info } as Context);
    const input = { args: [], headers: {} };
    await expect(inbound?.execute?.(input, () => Promise.reject(error))).rejects.toBe(error);
  };
  const passing = ApplicationFailure.retryable("x");
  for (const number of [1, 2, 3, 4, 5, 6, 7]) await attempt(number, passing);
  await attempt(1, ApplicationFailure.nonRetryable("y"));
  const samples = readSamples(await metrics.registry.metrics());
  const failures = (kind: string) =>
    valueOf(samples, "shopthread_activity_failures_total", { attempt: kind });
  expect([failures("early"), failures("late")]).toEqual([5, 2]);
  expect(valueOf(samples, "shopthread_activity_seconds_count", { outcome: "refused" })).toBe(1);
});
