import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { startHouse } from "../support/house.ts";
import type { House } from "../support/house.ts";
import { Customer } from "../support/people.ts";
import {
  countHeard,
  decide,
  getOrder,
  hearsOnce,
  isPushed,
  openStory,
  orderBecomes,
  place,
  pushesTo,
  refusal,
  slip,
  stockOf,
  underReview,
  unmatchedSlip,
} from "../support/order-story.ts";
import type { EvidenceView, Story } from "../support/order-story.ts";

let house: House;
beforeAll(async () => {
  house = await startHouse();
});
afterAll(() => house.close());

const match = ({ owner }: Story, { id }: EvidenceView, orderId: string, key?: string) =>
  owner.post(`/v1/payment-evidence/${id}/match`, { orderId }, key);

describe.concurrent("a slip without an order that waits", { timeout: 60_000 }, () => {
  test("is told to customer and owner; linked to an order later, it is confirmed like any other", async () => {
    const story = await openStory(house);
    const { owner, customer } = story;
    await customer.say("Hello");
    await customer.hearsText("welcome");
    await customer.sendSlip(slip());
    await hearsOnce(customer, "I could not find an order of yours");
    const push = await isPushed(story, "Slip without an order");
    expect(push.notification.body).not.toContain("47,500");
    const evidence = await unmatchedSlip(story);
    const placed = await place(story);

    const key = crypto.randomUUID();
    const answers = [await match(story, evidence, placed.id, key), await match(story, evidence, placed.id)];

    for (const answer of answers) {
      expect(answer.status).toBe(200);
      expect(await answer.json()).toMatchObject({ id: placed.id, paymentState: "under_review" });
    }
    const order = await underReview(owner, placed.id);
    expect(order.evidence).toMatchObject([{ id: evidence.id, verdict: "matches" }]);
    await hearsOnce(customer, `your payment slip for order #${placed.number}`);
    expect(await decide(owner, order, "confirm-payment")).toMatchObject({ paymentState: "paid" });
    await hearsOnce(customer, "Payment received");
  });

  test("that came after the order expired is linked to it, and what is confirmed is given back", async () => {
    const story = await openStory(house, { timings: { paymentDueMs: 1_500, expiryWarningMs: 500 } });
    const { owner, customer } = story;
    const placed = await place(story);
    await orderBecomes(owner, placed.id, { orderState: "cancelled" });
    await customer.sendSlip(slip());
    const evidence = await unmatchedSlip(story);

    expect((await match(story, evidence, placed.id)).status).toBe(200);
    const confirmed = await decide(owner, placed, "confirm-payment", { evidenceId: evidence.id });

    expect(confirmed).toMatchObject({ orderState: "cancelled", paymentState: "refund_due" });
    await hearsOnce(customer, "The shop owes you 47,500 MMK");
    await isPushed(story, "Refund to pay");
    expect(await decide(owner, placed, "refund")).toMatchObject({ paymentState: "refunded" });
    await hearsOnce(customer, "The shop has given back 47,500 MMK");
    expect(await stockOf(story)).toEqual({ onHand: 5, reserved: 0 });
  });

  test("is linked to no order of somebody else, of another shop, or by cash", async () => {
    const story = await openStory(house);
    const { owner, customer } = story;
    const other = await place({ ...story, customer: new Customer(house, story.shop) });
    const byCash = await place(story, { method: "Cash on delivery" });
    await customer.sendSlip(slip());
    const evidence = await unmatchedSlip(story);

    expect(await refusal(await match(story, evidence, other.id))).toEqual({
      status: 409,
      code: "evidence.not_found",
    });
    expect(await refusal(await match(story, evidence, byCash.id))).toEqual({
      status: 409,
      code: "order.not_paid_by_transfer",
    });
    const stranger = await openStory(house, { name: "Another Shop" });
    expect((await match({ ...stranger }, evidence, other.id)).status).toBe(404);
    expect(await unmatchedSlip({ ...story, owner })).toMatchObject({ orderId: null });
  });
});

describe.concurrent("with two orders that wait for payment", { timeout: 60_000 }, () => {
  test("the customer is asked which, and the slip is of the one that is tapped", async () => {
    const story = await openStory(house);
    const { owner, customer, device } = story;
    const first = await place(story);
    const second = await place(story);
    await customer.sendSlip(slip());
    const question = await customer.hearsText("Which order is this payment for?");
    expect(question.quickReplies?.map(({ title }) => title)).toEqual([
      `Order #${second.number}`,
      `Order #${first.number}`,
    ]);

    await customer.tap(question.quickReplies?.[1]?.payload ?? "");

    const order = await underReview(owner, first.id);
    expect(order.evidence).toMatchObject([{ verdict: "matches" }]);
    await hearsOnce(customer, `your payment slip for order #${first.number}`);
    expect(await getOrder(owner, second.id)).toMatchObject({ paymentState: "due", evidence: [] });

    // A second tap on the other order changes nothing.
    await customer.tap(question.quickReplies?.[0]?.payload ?? "");
    await customer.tap("person");
    await customer.hearsText("I have told the shop");
    expect(await getOrder(owner, second.id)).toMatchObject({ paymentState: "due", evidence: [] });
    await isPushed(story, "Payment to check");
    const pushes = await pushesTo(house, device);
    expect(pushes.filter(({ notification: { title } }) => title === "Payment to check")).toHaveLength(1);
  });

  test("a tap on an order that has ended leaves the slip with the owner, and says so", async () => {
    const story = await openStory(house);
    const { owner, customer } = story;
    const first = await place(story);
    await place(story);
    await customer.sendSlip(slip());
    const payload = await customer.offered("evidence:");
    const question = await customer.hearsText("Which order is this payment for?");
    expect(question.quickReplies?.map((reply) => reply.payload)).toContain(payload);
    await decide(owner, first, "cancel");

    await customer.tap(question.quickReplies?.[1]?.payload ?? "");

    await hearsOnce(customer, "I have passed your slip on to the shop");
    expect(await unmatchedSlip(story)).toMatchObject({ state: "unmatched" });
    expect(await countHeard(customer, "your payment slip for order")).toBe(0);
  });
});
