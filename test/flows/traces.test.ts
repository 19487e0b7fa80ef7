import { afterAll, beforeAll, expect, test } from "vitest";

import { contextOf } from "../../clients/trace.ts";
import { fromTypeId } from "../../domain/id.ts";
import { eventually } from "../support/eventually.ts";
import { startHouse } from "../support/house.ts";
import type { House } from "../support/house.ts";
import { decide, openStory, place, slip, underReview } from "../support/order-story.ts";
import { rowsOf } from "../support/outside.ts";
import { startTraceCollector } from "../support/trace-collector.ts";
import type { SeenSpan, TraceCollector } from "../support/trace-collector.ts";

let collector: TraceCollector;
let house: House;
beforeAll(async () => {
  collector = await startTraceCollector();
  house = await startHouse({
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_HEADERS: "authorization=Bearer%20of-the-tests",
    },
  });
});
afterAll(async () => {
  await house.close();
  await collector.close();
});

const named = (name: string, field?: string, value?: string) => (span: SeenSpan) =>
  span.name === name && (field === undefined || span.attributes[`shopthread.${field}`] === value);

/** The first span that fits, once the collector has it. */
function seen(what: string, fits: (span: SeenSpan) => boolean): Promise<SeenSpan> {
  return eventually(`the collector has ${what}`, () => collector.spans().find(fits));
}

const below = (parent: SeenSpan, fits: (span: SeenSpan) => boolean) => (span: SeenSpan) =>
  span.traceId === parent.traceId && span.parentSpanId === parent.spanId && fits(span);

const isLinkedTo =
  ({ traceId, spanId }: { traceId: string; spanId: string }) =>
  ({ links }: SeenSpan) =>
    links.some((link) => link.traceId === traceId && link.spanId === spanId);

test("follows a slip from its webhook to the receipt that Messenger has echoed", async () => {
  const story = await openStory(house);
  const placed = await place(story);
  await story.customer.sendSlip(slip());
  const order = await underReview(story.owner, placed.id);
  await decide(story.owner, order, "confirm-payment");
  await story.customer.hearsText("Payment received");

  // One trace from the webhook to the turn that read the slip.
  const picture = await rowsOf<{ id: string }>(
    house,
    "select m.id from messages m join objects o on o.shop_id = m.shop_id and o.message_id = m.id where m.shop_id = $1",
    [story.shop.shopId],
  );
  const origin = contextOf({ kind: "message", id: picture[0]?.id ?? "" });
  const webhook = await seen("the webhook", ({ spanId }) => spanId === origin.spanId);
  expect(webhook).toMatchObject({
    service: "shopthread-api",
    traceId: origin.traceId,
    name: "request",
    attributes: { "shopthread.route": "/webhooks/messenger", "shopthread.httpStatus": "200" },
  });
  await seen("the intake", below(webhook, named("intake.store")));
  await seen("the bell", below(webhook, named("bell.ring")));
  const turn = await seen("the turn", below(webhook, named("activity", "activityType", "runTurn")));
  expect(turn.service).toBe("shopthread-worker");
  for (const step of ["turn.claimed", "turn.fetched", "turn.answered", "turn.stored", "turn.sent"])
    expect(turn.events).toContain(step);
  await seen("the model", below(turn, named("model.read_slip")));

  // The turn hands over to the order, whose own trace has the owner's decision and the receipt.
  const orderId = fromTypeId("ord", order.id) ?? "";
  const orderOrigin = contextOf({ kind: "order", id: orderId });
  expect(turn).toSatisfy(isLinkedTo(orderOrigin));
  const placing = await seen("the placing", ({ spanId }) => spanId === orderOrigin.spanId);
  expect(placing.attributes).toMatchObject({ "shopthread.activityType": "carryOutDecision" });
  await seen("the review", below(placing, named("activity", "activityType", "reviewEvidence")));
  const asked = named("request", "route", "/v1/orders/:orderId/confirm-payment");
  await seen("the owner's request", below(placing, asked));
  await seen("the decision", below(placing, named("activity", "activityType", "decideOrder")));

  const receipt = await rowsOf<{ id: string }>(
    house,
    "select id from outbox where shop_id = $1 and business_key like $2",
    [story.shop.shopId, "%:receipt"],
  );
  const partId = receipt[0]?.id ?? "";
  const sent = await seen("the receipt", named("outbox.send", "outboxId", partId));
  expect(sent.traceId).toBe(orderOrigin.traceId);
  const graph = await seen("the call of Graph", below(sent, named("graph.send")));
  expect(graph.attributes["shopthread.outcome"]).toBe("sent");

  // And the send leads to the webhook that echoed it.
  const echoOrigin = contextOf({ kind: "part", id: partId });
  expect(sent).toSatisfy(isLinkedTo(echoOrigin));
  const echo = await seen("the echo", ({ spanId }) => spanId === echoOrigin.spanId);
  expect(echo.attributes["shopthread.route"]).toBe("/webhooks/messenger");
  expect(collector.authorizations).toEqual(new Set(["Bearer of-the-tests"]));
}, 60_000);

test("nothing of it travels through Temporal, whose headers no codec seals", async () => {
  const { client } = house.core.temporal;
  const headers: unknown[] = [];
  let events = 0;
  for await (const { workflowId } of client.workflow.list()) {
    const history = await client.workflow.getHandle(workflowId).fetchHistory();
    for (const event of history.events ?? []) {
      events += 1;
      collectHeaders(event, headers);
    }
  }
  expect(events).toBeGreaterThan(20);
  expect(headers).toEqual([]);
});

function collectHeaders(value: unknown, into: unknown[]): void {
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return;
  for (const [name, inner] of Object.entries(value)) {
    const fields = name === "header" && typeof inner === "object" ? (inner?.fields ?? {}) : {};
    if (Object.keys(fields).length > 0) into.push(fields);
    collectHeaders(inner, into);
  }
}

test("has attributes of a short list only, which hold ids, codes and numbers", () => {
  const values = new Map<string, Set<string>>();
  for (const { attributes } of collector.spans())
    for (const [name, value] of Object.entries(attributes))
      values.set(name, (values.get(name) ?? new Set()).add(value));
  const unlisted = [...values.keys()].filter(
    (name) => !attributeNames.includes(name.replace("shopthread.", "")),
  );
  expect(unlisted).toEqual([]);
  expect(values.size).toBeGreaterThan(10);
  const odd = [...values.values()].flatMap((set) => [...set]).filter((value) => !isImpersonal(value));
  expect(odd).toEqual([]);
});

const attributeNames = [
  "activityType",
  "attempt",
  "count",
  "customerId",
  "httpStatus",
  "inputTokens",
  "method",
  "noticeId",
  "outboxId",
  "outcome",
  "outputTokens",
  "requestId",
  "route",
  "shopId",
  "turnId",
  "workflowId",
  "workflowType",
];

function isImpersonal(value: string): boolean {
  return [
    /^(?:req_)?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
    /^[a-z]+\/[a-z]{2,4}_[0-7][0-9a-hjkmnp-tv-z]{25}$/,
    /^[A-Za-z_]{1,40}$/, // types, outcomes, methods
    /^\/[a-z0-9/:*.-]+(?:[A-Z][a-z]+)?[a-z0-9/:*.-]*$/, // route patterns
    /^\d{1,6}$/,
  ].some((pattern) => pattern.test(value));
}
