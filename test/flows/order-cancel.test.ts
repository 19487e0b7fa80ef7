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
} from "../support/order-story.ts";

let house: House;
beforeAll(async () => {
  house = await startHouse();
});
afterAll(() => house.close());

describe.concurrent("a customer", { timeout: 60_000 }, () => {
  test("cancels by the button under code's question, and the goods are free again", async () => {
    const story = await openStory(house);
    const { owner, customer, device } = story;
    const placed = await place(story, { quantity: 3 });
    await customer.say("Please cancel my order");
    const cancel = await customer.offered("cancel:");
    expect(cancel).toBe(`cancel:${placed.id}`);
    expect(await getOrder(owner, placed.id)).toMatchObject({ orderState: "placed" });

    await customer.tap(cancel);

    await hearsOnce(customer, `Order #${placed.number} is cancelled, as you asked.`);
    expect(await getOrder(owner, placed.id)).toMatchObject({
      orderState: "cancelled",
      paymentState: "none",
      cancelReason: "by_customer",
    });
    expect(await stockOf(story)).toEqual({ onHand: 5, reserved: 0 });
    await isPushed(story, "Order ended");
    expect(await pushesTo(house, device)).toHaveLength(2);
  });

  test.each([
    ["Yes", "Please cancel my order"],
    ["ဟုတ်ကဲ့", "အော်ဒါ ပယ်ဖျက်ပေးပါ"],
  ])("cancels by the word “%s” that answers the question, and by no other", async (yes, wish) => {
    const story = await openStory(house);
    const { owner, customer } = story;
    const placed = await place(story);
    await customer.say(yes);
    await customer.say(wish);
    await customer.offered(`cancel:${placed.id}`);
    expect(await getOrder(owner, placed.id)).toMatchObject({ orderState: "placed" });

    await customer.say(yes);

    await orderBecomes(owner, placed.id, { orderState: "cancelled", cancelReason: "by_customer" });
    expect(await stockOf(story)).toEqual({ onHand: 5, reserved: 0 });
  });

  test("says yes to something else after the question, and cancels nothing", async () => {
    const story = await openStory(house);
    const { owner, customer } = story;
    const placed = await place(story);
    await customer.say("Please cancel my order");
    await customer.offered(`cancel:${placed.id}`);
    await customer.say("What are your opening hours?");
    await customer.hearsText("9 to 19");
    await customer.say("Yes");
    await customer.say("Where is my order?");
    await customer.hearsText(placed.number);
    expect(await getOrder(owner, placed.id)).toMatchObject({ orderState: "placed" });
  });

  test("who taps the button again is answered, and nothing changes", async () => {
    const story = await openStory(house);
    const { owner, customer } = story;
    const placed = await place(story);
    const text = `Order #${placed.number} is cancelled, as you asked.`;
    await customer.tap(`cancel:${placed.id}`);
    await hearsOnce(customer, text);
    const before = await getOrder(owner, placed.id);

    await customer.tap(`cancel:${placed.id}`);

    await customer.hears(
      "the answer again",
      ({ text: heard = "", mid }) => heard.includes(text) && mid !== "",
    );
    await expect.poll(() => countHeard(customer, text), { timeout: 10_000 }).toBe(2);
    expect(await getOrder(owner, placed.id)).toEqual(before);
    expect(await stockOf(story)).toEqual({ onHand: 5, reserved: 0 });
  });

  test("gets back what was paid of a cancelled order", async () => {
    const story = await openStory(house);
    const { owner, customer } = story;
    const placed = await place(story);
    await customer.sendSlip(slip({ amountMinor: 20_000 }));
    await decide(owner, await underReview(owner, placed.id), "confirm-payment");

    await customer.tap(`cancel:${placed.id}`);

    await customer.hearsText("The shop will give back your 20,000 MMK.");
    expect(await getOrder(owner, placed.id)).toMatchObject({
      paymentState: "refund_due",
      refundOwed: { amountMinor: 20_000 },
    });
    const push = await isPushed(story, "Refund to pay");
    expect(push.notification.body).toContain("20,000 MMK");
    expect(await decide(owner, placed, "refund")).toMatchObject({ paymentState: "refunded" });
    await hearsOnce(customer, "The shop has given back 20,000 MMK");
    expect((await getOrder(owner, placed.id)).payments.map(({ kind }) => kind)).toEqual([
      "payment",
      "refund",
    ]);
  });

  test("cannot cancel what is paid, and is told so", async () => {
    const story = await openStory(house);
    const { owner, customer } = story;
    const placed = await place(story);
    await customer.sendSlip(slip());
    await decide(owner, await underReview(owner, placed.id), "confirm-payment");

    await customer.tap(`cancel:${placed.id}`);

    await hearsOnce(customer, "can no longer be cancelled here");
    expect(await getOrder(owner, placed.id)).toMatchObject({ orderState: "placed", paymentState: "paid" });
  });

  test("cancels nobody else's order with a made-up button", async () => {
    const story = await openStory(house);
    const { owner } = story;
    const placed = await place(story);
    const stranger = new Customer(house, story.shop);
    await stranger.say("Hello");
    await stranger.hearsText("welcome");

    await stranger.tap(`cancel:${placed.id}`);
    await stranger.tap("person");

    await stranger.hearsText("I have told the shop");
    expect(await getOrder(owner, placed.id)).toMatchObject({ orderState: "placed" });
  });
});

describe.concurrent("the owner", { timeout: 60_000 }, () => {
  test("cancels a paid order with a reason: goods are back in stock, the refund is recorded once", async () => {
    const story = await openStory(house);
    const { owner, customer } = story;
    const placed = await place(story);
    await customer.sendSlip(slip());
    await decide(owner, await underReview(owner, placed.id), "confirm-payment");
    expect(await stockOf(story)).toEqual({ onHand: 4, reserved: 0 });

    const cancelled = await decide(owner, placed, "cancel", { reason: "The dress has a stain" });

    expect(cancelled).toMatchObject({ orderState: "cancelled", paymentState: "refund_due" });
    expect(await stockOf(story)).toEqual({ onHand: 5, reserved: 0 });
    const told = await customer.hearsText("the shop had to cancel");
    expect(told.text).toContain("The dress has a stain");
    expect(told.text).toContain("47,500 MMK will be given back");

    const path = `/v1/orders/${placed.id}/refund`;
    const key = crypto.randomUUID();
    const answers = await Promise.all([owner.post(path, {}, key), owner.post(path), owner.post(path)]);
    const repeated = await owner.post(path, {}, key);
    for (const answer of [...answers, repeated]) {
      expect(answer.status).toBe(200);
      expect(await answer.json()).toMatchObject({ paymentState: "refunded" });
    }
    await hearsOnce(customer, "The shop has given back 47,500 MMK");
    const { payments, events } = await getOrder(owner, placed.id);
    expect(payments.filter(({ kind }) => kind === "refund")).toHaveLength(1);
    expect(events.find(({ type }) => type === "cancelled")?.note).toBe("The dress has a stain");
  });

  test("cannot give back more than was received, nor cancel what was delivered", async () => {
    const story = await openStory(house);
    const { owner } = story;
    const placed = await place(story, { method: "Cash on delivery" });
    for (const verb of ["accept-cash-on-delivery", "ship", "deliver"]) await decide(owner, placed, verb);

    const cancel = await owner.post(`/v1/orders/${placed.id}/cancel`);
    expect(await refusal(cancel)).toEqual({ status: 409, code: "order.cannot_cancel" });
    const refund = await owner.post(`/v1/orders/${placed.id}/refund`, { amountMinor: 47_501 });
    expect(await refusal(refund)).toEqual({ status: 409, code: "order.refund_too_large" });
    expect(await orderBecomes(owner, placed.id, { orderState: "completed" })).toMatchObject({
      paymentState: "paid",
    });
  });

  test("cancels a parcel that comes back from the road", async () => {
    const story = await openStory(house);
    const { owner, customer } = story;
    const placed = await place(story, { method: "Cash on delivery" });
    for (const verb of ["accept-cash-on-delivery", "ship"]) await decide(owner, placed, verb);
    expect(await stockOf(story)).toEqual({ onHand: 4, reserved: 0 });

    expect(await decide(owner, placed, "cancel")).toMatchObject({ paymentState: "none" });
    expect(await decide(owner, placed, "cancel")).toMatchObject({ orderState: "cancelled" });

    expect(await stockOf(story)).toEqual({ onHand: 5, reserved: 0 });
    await hearsOnce(customer, "the shop had to cancel");
    const late = await owner.post(`/v1/orders/${placed.id}/deliver`);
    expect(await refusal(late)).toEqual({ status: 409, code: "order.cancelled" });
  });
});
