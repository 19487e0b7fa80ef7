import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { startHouse } from "../support/house.ts";
import type { House } from "../support/house.ts";
import { eventually } from "../support/eventually.ts";
import {
  addDevice,
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
import type { Story } from "../support/order-story.ts";

let house: House;
beforeAll(async () => {
  house = await startHouse();
});
afterAll(() => house.close());

async function paidOrder(story: Story) {
  const placed = await place(story);
  await story.customer.sendSlip(slip());
  return decide(story.owner, await underReview(story.owner, placed.id), "confirm-payment");
}

const titles = async (story: Story) =>
  (await pushesTo(house, story.device)).map(({ notification }) => notification.title);

describe.concurrent("an owner who does not decide", { timeout: 60_000 }, () => {
  test("is reminded, then it is escalated, then the customer is told and may cancel", async () => {
    const timings = { reviewReminderMs: 300, reviewEscalationMs: 900, reviewCustomerNoticeMs: 1_800 };
    const story = await openStory(house, { timings });
    const { owner, customer } = story;
    const placed = await place(story);
    await customer.sendSlip(slip());

    const cancel = await customer.offered(`cancel:${placed.id}`);
    await hearsOnce(customer, "the shop has not checked your payment");
    const told = await getOrder(owner, placed.id);
    expect(told.events.map(({ type }) => type).filter((type) => type.startsWith("review"))).toEqual([
      "review_reminded",
      "review_escalated",
      "review_customer_told",
    ]);
    await isPushed(story, "Payment waiting for a day");
    expect(await titles(story)).toEqual([
      "New order",
      "Payment to check",
      "Payment still waiting",
      "Payment waiting for a day",
    ]);

    await customer.tap(cancel);

    await hearsOnce(customer, "is cancelled, as you asked");
    expect(await stockOf(story)).toEqual({ onHand: 5, reserved: 0 });
    // Money may stand behind the slip: the owner is asked once more, and what is confirmed is owed.
    await eventually("the owner is asked to check the slip", async () => {
      const pushed = await titles(story);
      return pushed.filter((title) => title === "Payment to check").length === 2;
    });
    expect(await decide(owner, placed, "confirm-payment")).toMatchObject({ paymentState: "refund_due" });
    await hearsOnce(customer, "The shop owes you 47,500 MMK");
    expect(await decide(owner, placed, "refund")).toMatchObject({ paymentState: "refunded" });
    expect(await stockOf(story)).toEqual({ onHand: 5, reserved: 0 });
  });

  test("may cancel for nobody before the review is late", async () => {
    const story = await openStory(house);
    const { owner, customer } = story;
    const placed = await place(story);
    await customer.sendSlip(slip());
    await underReview(owner, placed.id);

    await customer.tap(`cancel:${placed.id}`);

    await hearsOnce(customer, "can no longer be cancelled here");
    expect(await getOrder(owner, placed.id)).toMatchObject({ orderState: "placed" });
  });

  test("is reminded of a paid order until it is shipped", async () => {
    const story = await openStory(house, { timings: { shipReminderMs: 700 } });
    const { owner } = story;
    const order = await paidOrder(story);
    const reminders = async () =>
      (await titles(story)).filter((title) => title === "Paid, not shipped").length;
    await eventually("two reminders came", async () => (await reminders()) >= 2);

    await decide(owner, order, "ship", { tracking: "Royal Express 77" });

    const known = await reminders();
    const other = await openStory(house, { timings: { shipReminderMs: 700 } });
    await paidOrder(other);
    await isPushed(other, "Paid, not shipped");
    expect(await reminders()).toBeLessThanOrEqual(known + 1); // one may have been on its way
  });

  test("is asked once whether a parcel arrived; time alone makes no cash paid", async () => {
    const story = await openStory(house, { timings: { deliveryQuestionMs: 500 } });
    const { owner } = story;
    const placed = await place(story, { method: "Cash on delivery" });
    for (const verb of ["accept-cash-on-delivery", "ship"]) await decide(owner, placed, verb);

    const push = await isPushed(story, "Did it arrive?");

    expect(push.notification.body).toContain(`#${placed.number}`);
    expect(await getOrder(owner, placed.id)).toMatchObject({
      fulfilmentState: "shipped",
      paymentState: "cod_due",
    });
    await decide(owner, placed, "deliver");
    expect(await titles(story)).toEqual(["Cash on delivery to accept", "Did it arrive?"]);
  });

  test("is reminded of the rest of a part payment until it arrives", async () => {
    const timings = { paymentDueMs: 5_000, expiryWarningMs: 1_000, shipReminderMs: 1_000 };
    const story = await openStory(house, { timings });
    const { owner, customer } = story;
    const placed = await place(story);
    await customer.sendSlip(slip({ amountMinor: 20_000 }));
    await decide(owner, await underReview(owner, placed.id), "confirm-payment");

    await eventually(
      "the rest is asked for twice",
      async () =>
        (await titles(story)).filter((title) => title === "Part of the money is missing").length >= 2,
      30_000,
    );

    await customer.sendSlip(slip({ amountMinor: 27_500 }));
    const rest = await underReview(owner, placed.id);
    expect(await decide(owner, rest, "confirm-payment")).toMatchObject({ paymentState: "paid" });
    await hearsOnce(customer, "Payment received");
  });

  test("is reminded of a refund until it is recorded", async () => {
    const story = await openStory(house, { timings: { shipReminderMs: 1_500 } });
    const { owner } = story;
    const order = await paidOrder(story);
    await decide(owner, order, "cancel");
    await eventually(
      "the refund is asked for again",
      async () => (await titles(story)).filter((title) => title === "Refund to pay").length >= 2,
    );
    expect(await decide(owner, order, "refund")).toMatchObject({ paymentState: "refunded" });
  });
});

describe.concurrent("goods", { timeout: 60_000 }, () => {
  test("M:ONAMI-22 are packed, shipped with tracking and delivered, each told exactly once", async () => {
    const story = await openStory(house);
    const { owner, customer } = story;
    const order = await paidOrder(story);
    const steps = [
      ["pack", {}, "is packed"],
      ["ship", { tracking: "Royal Express 77" }, "is on its way!"],
      ["deliver", {}, "has been delivered"],
    ] as const;
    for (const [verb, body, told] of steps) {
      const first = await decide(owner, order, verb, body);
      expect(await decide(owner, order, verb, body), "a second click").toEqual(first);
      await customer.hearsText(told);
    }

    const done = await getOrder(owner, order.id);
    expect(done).toMatchObject({
      orderState: "completed",
      paymentState: "paid",
      fulfilmentState: "delivered",
      tracking: "Royal Express 77",
    });
    for (const [, , told] of steps) expect(await countHeard(customer, told), told).toBe(1);
    expect((await customer.hearsText("is on its way!")).text).toContain("Royal Express 77");
    expect(await countHeard(customer, "Payment received")).toBe(1);
    expect(await stockOf(story)).toEqual({ onHand: 4, reserved: 0 });
  });

  test("do not leave before they are paid for", async () => {
    const story = await openStory(house);
    const { owner } = story;
    const placed = await place(story);
    for (const verb of ["pack", "ship", "deliver"]) {
      const answer = await owner.post(`/v1/orders/${placed.id}/${verb}`);
      expect(await refusal(answer), verb).toEqual({ status: 409, code: "order.not_paid" });
    }
    expect(await orderBecomes(owner, placed.id, { fulfilmentState: "pending" })).toBeDefined();
  });
});

test("P:ONA-16 an order is pushed once to each device of its shop, without a word about the customer", async () => {
  const story = await openStory(house);
  const bystander = await openStory(house, { name: "Another Shop" });
  const devices = [story.device, await addDevice(story.owner), await addDevice(story.owner)];
  await addDevice(bystander.owner);
  const { customer, owner } = story;
  const placed = await place(story);
  await customer.sendSlip(slip());
  await decide(owner, await underReview(owner, placed.id), "confirm-payment");
  await customer.hearsText("Payment received");
  await place(bystander);
  await isPushed(bystander, "New order");

  for (const device of devices) {
    const pushes = await eventually("both pushes came", async () => {
      const all = await pushesTo(house, device);
      return all.length >= 2 && all;
    });
    expect(pushes.map(({ notification }) => notification.title)).toEqual(["New order", "Payment to check"]);
    for (const push of pushes) {
      expect(push.notification.body).toContain(`#${placed.number} · 47,500 MMK`);
      const payload = JSON.stringify(push);
      for (const canary of [
        "Hla",
        "791234567",
        "791 234 567",
        "Sanchaung",
        "Baho",
        customer.psid,
        "Red Dress",
      ]) {
        expect(payload).not.toContain(canary);
      }
    }
  }
  const others = await pushesTo(house, bystander.device);
  expect(others.map(({ notification }) => notification.title)).toEqual(["New order"]);
});
