import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { Socket } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";

import { createMessengerClient } from "../../clients/messenger.ts";
import { currentPolicies } from "../../domain/account/policies.ts";
import { unlistedFields } from "../../domain/privacy/processor-fields.ts";
import { eventually } from "../support/eventually.ts";
import { openTestShop, postJson, startHouse } from "../support/house.ts";
import type { House } from "../support/house.ts";
import { isPushed, openStory, place, slip, underReview, decide, hearsOnce } from "../support/order-story.ts";
import { Outside, rowsOf, settled, turnsOf } from "../support/outside.ts";
import { outsideRequests } from "../support/outside-requests.ts";
import { Customer } from "../support/people.ts";
import { startTraceCollector } from "../support/trace-collector.ts";

let collector: Awaited<ReturnType<typeof startTraceCollector>>;
let house: House;
let contacted: Set<string>;
beforeAll(async () => {
  contacted = watchSockets();
  collector = await startTraceCollector();
  house = await startHouse({ env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url } });
});
afterAll(async () => {
  await house.close();
  await collector.close();
  unsubscribe("net.client.socket", onSocket);
});

let onSocket: (message: unknown) => void = () => undefined;

/** Every address that this process connects to, whoever does it and whatever it believes to be allowed. */
function watchSockets(): Set<string> {
  const seen = new Set<string>();
  onSocket = (message) => {
    const { socket } = message as { socket: Socket };
    socket.once("connect", () => seen.add(`${socket.remoteAddress}:${socket.remotePort}`));
  };
  subscribe("net.client.socket", onSocket);
  return seen;
}

type Listed = { name: string; hosts: string[]; state: string; fields: string[] };
async function register(): Promise<Listed[]> {
  const response = await fetch(`${house.apiUrl}/v1/processors`);
  expect(response.status).toBe(200);
  return ((await response.json()) as { data: Listed[] }).data;
}

test("P:MMSO-20 P:OCH-16 P:UMA-24 P:UMA-41 who is contacted from the first word to the receipt is the public register", async () => {
  const story = await openStory(house);
  const order = await place(story);
  await story.customer.sendSlip(slip());
  await underReview(story.owner, order.id);
  await decide(story.owner, order, "confirm-payment");
  await hearsOnce(story.customer, "received");
  await isPushed(story, "New order");
  const accepted = {
    terms: currentPolicies.terms.version,
    privacy: currentPolicies.privacy.version,
    processingAbroad: currentPolicies.processing_abroad.version,
    adult: currentPolicies.adult.version,
  };
  const email = "new@example.test";
  const account = { email, password: "seven green umbrellas", accepted, language: "en" };
  await postJson(`${house.apiUrl}/v1/accounts`, account);
  await eventually("the mail is there", () => house.sim.context.letters.list(email).length > 0);
  await eventually("a trace is told of", () => collector.spans().length > 0);

  const own = [house.apiUrl, house.database.urls.owner, `http://${house.temporal.address}`].map((url) => {
    return new URL(url).host;
  });
  const outside = [...contacted].filter((address) => !own.includes(address)).toSorted();
  const listed = await register();
  expect(outside).toEqual([...new Set(listed.flatMap(({ hosts }) => hosts))].toSorted());
  expect(listed.every(({ state }) => state === "active")).toBe(true);

  const requests = await outsideRequests(house.sim.url);
  const asked = new Set(requests.map(({ name }) => name as string));
  expect([...asked].filter((name) => !listed.some((entry) => entry.name === name))).toEqual([]);
  expect(requests.flatMap(({ name, request }) => unlistedFields(name, request))).toEqual([]);
}, 60_000);

test("P:ONA-28 P:MMSO-26 P:UMA-23 an activity that calls a host beyond the register is refused, and that is a security event", async () => {
  const elsewhere = createMessengerClient({
    egress: house.core.egress,
    baseUrl: "https://data-broker.example",
    version: "v26.0",
    appId: "1",
    appSecret: "s",
  });
  const refused = await elsewhere.getPage({ metaPageId: "1", token: "t" });
  expect(refused).toMatchObject({ ok: false, action: "retry" });
  const [event] = await eventually("the event is written", async () => {
    const rows = await rowsOf<{ actor_kind: string; data: object }>(
      house,
      "select actor_kind, data from audit_events where action = 'egress.refused'",
      [],
    );
    return rows.length > 0 && rows;
  });
  expect(event).toEqual({
    actor_kind: "system",
    data: { processor: "meta", reason: "unknown_host" },
  });
});

test("P:ONA-29 a model provider whose agreement has ended gets nothing: a person has the conversation, and is told", async () => {
  const lapsed = await startHouse({
    env: {
      PROCESSOR_MODEL:
        "provider=OpenAI, region=US, transfer=standard_clauses, agreed=2020-01-01, until=2020-12-31",
    },
  });
  try {
    const shop = await openTestShop(lapsed);
    const customer = new Customer(lapsed, shop);
    await customer.say("How much is the red dress?");
    await settled(lapsed, shop.shopId);
    expect(await new Outside(lapsed).calls("model")).toEqual([]);
    expect(await turnsOf(lapsed, shop.shopId)).toMatchObject([{ outcome: "fallback" }]);
    const [conversation] = await rowsOf<{ human: boolean }>(
      lapsed,
      "select human_until > now() as human from conversations where shop_id = $1",
      [shop.shopId],
    );
    expect(conversation).toEqual({ human: true });
    const notices = await rowsOf<{ kind: string }>(
      lapsed,
      "select kind from owner_notices where shop_id = $1",
      [shop.shopId],
    );
    expect(notices.map(({ kind }) => kind)).toContain("person_asked");
  } finally {
    await lapsed.close();
  }
  // The story before: what the model was sent under an agreement is kept nowhere.
  const calls = await new Outside(house).calls("model");
  expect(calls.length).toBeGreaterThan(0);
  expect(calls.every(({ body }) => (body as { store?: unknown }).store === false)).toBe(true);
}, 60_000);
