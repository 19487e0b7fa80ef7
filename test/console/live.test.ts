import { afterAll, beforeAll, expect, test } from "vitest";

import { toTypeId } from "../../domain/id.ts";
import { eventually } from "../support/eventually.ts";
import { createConsoleWorld } from "./console-world.ts";
import type { ConsoleWorld } from "./console-world.ts";

let world: ConsoleWorld;
beforeAll(async () => {
  world = await createConsoleWorld();
});
afterAll(() => world.close());

/** Names of the events that a stream has brought so far. */
async function listen(session: string, headers: Record<string, string> = {}) {
  const response = await world.api.app.request("/console/live", {
    headers: { cookie: `session=${session}`, ...headers },
  });
  const names: string[] = [];
  const state = { text: "", isOver: false };
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  const reading = (async () => {
    for (;;) {
      const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
      if (done) break;
      state.text += value;
      names.splice(
        0,
        names.length,
        ...[...state.text.matchAll(/^event: (.+)$/gm)].map(([, name]) => name ?? ""),
      );
    }
    state.isOver = true;
  })();
  if (response.ok) await eventually("the stream begins", () => names.includes("connected"));
  return { response, names, state, stop: () => reader?.cancel().then(() => reading) };
}

test("a page hears of a change by its id, and never of another shop's", async () => {
  const [mine, other] = [await world.addTenant(), await world.addTenant()];
  const [customer, foreign] = [await world.addCustomer(mine), await world.addCustomer(other)];
  const stream = await listen(mine.owner);
  await world.addOrder(foreign, { contact: { name: "Ma Secret" } });
  await world.addMessage(foreign, { body: { text: "secret" }, at: new Date() });
  const { orderId } = await world.addOrder(customer, { contact: { name: "Ma Hla" } });
  await world.addMessage(customer, { body: { text: "hello" }, at: new Date() });
  await eventually("the conversation", () => stream.names.includes(toTypeId("cus", customer.customerId)));
  expect(new Set(stream.names)).toEqual(
    new Set([
      "connected",
      "orders",
      toTypeId("ord", orderId),
      "conversations",
      toTypeId("cus", customer.customerId),
    ]),
  );
  expect(stream.state.text).not.toMatch(/Hla|hello|secret/i);
  await stream.stop();
});

test("is for nobody who is not signed in", async () => {
  const { response } = await listen("ses_nothing");
  expect(response.status).toBe(303);
});

test("a browser that comes back is told to read everything again", async () => {
  const { owner } = await world.addTenant();
  const stream = await listen(owner, { "last-event-id": "1" });
  await eventually("to be told", () => stream.names.includes("missed"));
  await stream.stop();
});

test("a lost connection to Postgres is made again, and pages are told that they may have missed something", async () => {
  const tenant = await world.addTenant();
  const customer = await world.addCustomer(tenant);
  const stream = await listen(tenant.owner);
  await world.owner.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'live' and datname = $1",
    [world.database.name],
  );
  await eventually("the new connection", () => stream.names.includes("missed"));
  const { orderId } = await world.addOrder(customer, {});
  await eventually("the order", () => stream.names.includes(toTypeId("ord", orderId)));
  await stream.stop();
});

test("a page that reads itself again is the same viewing, until its list shows somebody else", async () => {
  const tenant = await world.addTenant();
  const customer = await world.addCustomer(tenant);
  const { orderId } = await world.addOrder(customer);
  const readAgain = async (path: string) => {
    const headers = { "hx-request": "true" };
    for (let time = 0; time < 3; time += 1) {
      expect((await world.visit("GET", path, { session: tenant.owner, headers })).status).toBe(200);
    }
  };
  await readAgain(`/console/orders/${toTypeId("ord", orderId)}`);
  await readAgain("/console/orders?board=payment");
  await world.addOrder(customer);
  await readAgain("/console/orders?board=payment");
  expect(await world.auditOf(tenant.shopId)).toEqual(["order.viewed", "orders.viewed", "orders.viewed"]);
});

test("closing ends every stream", async () => {
  const { owner } = await world.addTenant();
  const stream = await listen(owner);
  await world.live.close();
  await eventually("the stream ends", () => stream.state.isOver);
  expect(stream.state.isOver).toBe(true);
});
