import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { startHouse } from "../support/house.ts";
import type { House } from "../support/house.ts";
import { Customer } from "../support/people.ts";
import { eventually } from "../support/eventually.ts";
import {
  countHeard,
  decide,
  getOrder,
  hearsOnce,
  openStory,
  orderBecomes,
  place,
  refusal,
  slip,
  stockOf,
  underReview,
  unmatchedSlip,
} from "../support/order-story.ts";
import type { EvidenceView, OrderView, Story } from "../support/order-story.ts";

let house: House;
beforeAll(async () => {
  house = await startHouse();
});
afterAll(() => house.close());

const expiresSoon = { paymentDueMs: 1_500, expiryWarningMs: 500 };

/** An order that expired, and the slip that came after it. */
async function expiredWithSlip(story: Story): Promise<{ order: OrderView; evidence: EvidenceView }> {
  const placed = await place(story);
  await orderBecomes(story.owner, placed.id, { orderState: "cancelled" });
  const order = await getOrder(story.owner, placed.id);
  expect(order.cancelReason).toBe("expired");
  await story.customer.sendSlip(slip());
  return { order, evidence: await unmatchedSlip(story) };
}

const revive = ({ owner }: Story, { id }: EvidenceView, orderId: string, key?: string) =>
  owner.post(`/v1/payment-evidence/${id}/revive`, { orderId }, key);

describe.concurrent("an order that expired before its slip came", { timeout: 60_000 }, () => {
  test("is revived by the owner, once, and goes on to the receipt", async () => {
    const story = await openStory(house, { timings: expiresSoon });
    const { owner, customer } = story;
    const { order, evidence } = await expiredWithSlip(story);
    expect(await stockOf(story)).toEqual({ onHand: 5, reserved: 0 });

    const key = crypto.randomUUID();
    const answers = [
      await revive(story, evidence, order.id, key),
      await revive(story, evidence, order.id, key),
      await revive(story, evidence, order.id),
    ];

    for (const answer of answers) {
      expect(answer.status).toBe(200);
      expect(await answer.json()).toMatchObject({ orderState: "placed", paymentState: "under_review" });
    }
    await hearsOnce(customer, `order #${order.number} is open again`);
    expect(await stockOf(story)).toEqual({ onHand: 5, reserved: 1 });
    const revived = await underReview(owner, order.id);
    expect(revived).toMatchObject({
      cancelReason: null,
      evidence: [{ id: evidence.id, verdict: "matches" }],
    });
    expect(revived.events.filter(({ type }) => type === "revived")).toHaveLength(1);
    expect(await decide(owner, order, "confirm-payment")).toMatchObject({ paymentState: "paid" });
    await hearsOnce(customer, "Payment received");
    expect(await stockOf(story)).toEqual({ onHand: 4, reserved: 0 });
  });

  test("stays cancelled when its goods are sold, and the slip stays with the owner", async () => {
    const story = await openStory(house, { timings: expiresSoon });
    const { owner } = story;
    const { order, evidence } = await expiredWithSlip(story);
    await place(
      { ...story, customer: new Customer(house, story.shop) },
      { quantity: 5, method: "Cash on delivery" },
    );

    expect(await refusal(await revive(story, evidence, order.id))).toEqual({
      status: 409,
      code: "order.out_of_stock",
    });

    expect(await getOrder(owner, order.id)).toMatchObject({ orderState: "cancelled", evidence: [] });
    expect(await unmatchedSlip(story)).toMatchObject({ id: evidence.id });
    expect(await stockOf(story)).toEqual({ onHand: 5, reserved: 5 });
  });

  test("expires again, and says so again, when the slip is refused and no other comes", async () => {
    const story = await openStory(house, { timings: expiresSoon });
    const { owner, customer } = story;
    const { order, evidence } = await expiredWithSlip(story);
    expect((await revive(story, evidence, order.id)).status).toBe(200);
    await decide(owner, await underReview(owner, order.id), "refuse-payment");

    await orderBecomes(owner, order.id, { orderState: "cancelled", cancelReason: "expired" });

    await eventually(
      "the end is told again",
      async () => (await countHeard(customer, `No payment came for order #${order.number}`)) === 2,
    );
    expect(await stockOf(story)).toEqual({ onHand: 5, reserved: 0 });
    await customer.sendSlip(slip());
    expect((await revive(story, await unmatchedSlip(story), order.id)).status).toBe(200);
    expect(await stockOf(story)).toEqual({ onHand: 5, reserved: 1 });
    expect(await decide(owner, order, "cancel")).toMatchObject({ orderState: "cancelled" });
    expect(await stockOf(story)).toEqual({ onHand: 5, reserved: 0 });
  });

  test("comes back for no slip of somebody else, and not when a person ended it", async () => {
    const story = await openStory(house, { timings: expiresSoon });
    const { owner, customer } = story;
    const { order, evidence } = await expiredWithSlip(story);
    const ended = await place(story);
    await customer.tap(`cancel:${ended.id}`);
    await orderBecomes(owner, ended.id, { cancelReason: "by_customer" });
    expect(await refusal(await revive(story, evidence, ended.id))).toEqual({
      status: 409,
      code: "order.cannot_revive",
    });
    const others = await openStory(house, { name: "Another Shop" });
    expect((await revive(others, evidence, order.id)).status).toBe(404);
    const stranger = { ...story, customer: new Customer(house, story.shop) };
    const strange = await place(stranger);
    await orderBecomes(owner, strange.id, { orderState: "cancelled" });
    expect(await refusal(await revive(story, evidence, strange.id))).toEqual({
      status: 409,
      code: "evidence.not_found",
    });
  });
});
