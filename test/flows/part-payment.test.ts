import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { startHouse } from "../support/house.ts";
import type { House } from "../support/house.ts";
import { rowsOf } from "../support/outside.ts";
import {
  askForSummary,
  countHeard,
  decide,
  getOrder,
  hearsOnce,
  isPushed,
  openStory,
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

describe.concurrent("a slip of", { timeout: 60_000 }, () => {
  test("too little is a part payment with the balance; the rest brings one receipt", async () => {
    const story = await openStory(house);
    const { owner, customer } = story;
    const placed = await place(story);
    await customer.sendSlip(slip({ amountMinor: 20_000 }));
    const short = await underReview(owner, placed.id);
    expect(short.evidence).toMatchObject([{ verdict: "short" }]);

    const part = await decide(owner, short, "confirm-payment");

    expect(part).toMatchObject({ paymentState: "part_paid", balance: { amountMinor: 27_500 } });
    expect((await customer.hearsText("has received 20,000 MMK")).text).toContain("27,500 MMK is still open");
    expect(await countHeard(customer, "Payment received")).toBe(0);
    expect(await stockOf(story)).toEqual({ onHand: 5, reserved: 1 });
    const early = await owner.post(`/v1/orders/${placed.id}/ship`);
    expect(await refusal(early)).toEqual({ status: 409, code: "order.not_paid" });

    await customer.sendSlip(slip({ amountMinor: 27_500 }));
    const rest = await underReview(owner, placed.id);
    expect(rest.paymentState).toBe("under_review");
    expect(rest.evidence.map(({ verdict }) => verdict)).toEqual(["short", "matches"]);
    const paid = await decide(owner, rest, "confirm-payment");

    expect(paid).toMatchObject({ paymentState: "paid", balance: { amountMinor: 0 } });
    expect((await customer.hearsText("Payment received")).text).toContain("Paid: 47,500 MMK");
    await hearsOnce(customer, "Payment received");
    expect(await countHeard(customer, "is still open")).toBe(1);
    expect((await getOrder(owner, placed.id)).payments).toHaveLength(2);
    expect(await stockOf(story)).toEqual({ onHand: 4, reserved: 0 });
  });

  test("too little, confirmed by two clicks, is one entry", async () => {
    const story = await openStory(house);
    const { owner, customer } = story;
    const placed = await place(story);
    await customer.sendSlip(slip({ amountMinor: 20_000 }));
    await underReview(owner, placed.id);
    const path = `/v1/orders/${placed.id}/confirm-payment`;

    const answers = await Promise.all([owner.post(path), owner.post(path)]);

    for (const answer of [...answers, await owner.post(path)]) {
      expect(answer.status).toBe(200);
      expect(await answer.json()).toMatchObject({ paymentState: "part_paid" });
    }
    expect((await getOrder(owner, placed.id)).payments).toHaveLength(1);
    await hearsOnce(customer, "27,500 MMK is still open");
  });

  test("too much is paid with a refund task; the refund is recorded", async () => {
    const story = await openStory(house);
    const { owner, customer, device } = story;
    const placed = await place(story);
    await customer.sendSlip(slip({ amountMinor: 50_000 }));
    const over = await underReview(owner, placed.id);
    expect(over.evidence).toMatchObject([{ verdict: "over" }]);

    const paid = await decide(owner, over, "confirm-payment");

    expect(paid).toMatchObject({ paymentState: "paid", refundOwed: { amountMinor: 2_500 } });
    await hearsOnce(customer, "Payment received");
    await hearsOnce(customer, "You paid 2,500 MMK too much");
    const push = await isPushed(story, "Refund to pay");
    expect(push.notification.body).toContain(`#${placed.number} · 2,500 MMK`);
    const refunded = await decide(owner, placed, "refund");
    expect(refunded).toMatchObject({ paymentState: "paid", refundOwed: { amountMinor: 0 } });
    await hearsOnce(customer, "The shop has given back 2,500 MMK");
    expect(await decide(owner, placed, "ship")).toMatchObject({ fulfilmentState: "shipped" });
    expect(await pushesTo(house, device)).toHaveLength(3);
  });

  test("a stranger's account is shown to the owner as that", async () => {
    const story = await openStory(house);
    const { owner, customer } = story;
    const placed = await place(story);
    await customer.sendSlip(slip({ payee: "U Somebody Else" }));
    expect((await underReview(owner, placed.id)).evidence).toMatchObject([{ verdict: "wrong_payee" }]);
  });
});

type Credit = {
  balances: { amountMinor: number }[];
  data: { kind: string; amount: { amountMinor: number } }[];
};

describe.concurrent("a surplus as credit", { timeout: 60_000 }, () => {
  test("is kept, taken off the next order in its summary, and given back when that ends", async () => {
    const story = await openStory(house);
    const { owner, customer } = story;
    const first = await place(story);
    await customer.sendSlip(slip({ amountMinor: 97_500 }));
    await decide(owner, await underReview(owner, first.id), "confirm-payment");
    const kept = await decide(owner, first, "refund", { as: "credit" });
    expect(kept).toMatchObject({ paymentState: "paid", refundOwed: { amountMinor: 0 } });
    await hearsOnce(customer, "as your credit");

    const second = await place(story);
    await hearsOnce(customer, "Your credit: -47,500 MMK");
    await hearsOnce(customer, "Your credit with the shop has paid it (47,500 MMK)");
    expect(await getOrder(owner, second.id)).toMatchObject({
      paymentState: "paid",
      credit: { amountMinor: 47_500 },
      total: { amountMinor: 0 },
    });
    expect(await stockOf(story)).toEqual({ onHand: 3, reserved: 0 });
    const { customerId } = await owner.get<{ customerId: string }>(`/v1/orders/${second.id}`);
    const path = `/v1/customers/${customerId}/credit`;
    expect((await owner.get<Credit>(path)).balances).toMatchObject([{ amountMinor: 2_500 }]);

    await decide(owner, second, "cancel");
    await hearsOnce(customer, "Your credit of 47,500 MMK is yours again");
    const { balances, data } = await owner.get<Credit>(path);
    expect(balances).toMatchObject([{ amountMinor: 50_000 }]);
    expect(data.map(({ kind, amount }) => [kind, amount.amountMinor])).toEqual([
      ["returned", 47_500],
      ["spent", 47_500],
      ["kept", 50_000],
    ]);
    expect(await stockOf(story)).toEqual({ onHand: 4, reserved: 0 });
  });

  test("that is gone meanwhile places nothing, and another one is shown", async () => {
    const story = await openStory(house);
    const { customer, shop } = story;
    await customer.say("Hello");
    await customer.hearsText("");
    await rowsOf(
      house,
      "insert into customer_credits select shop_id, id, 'MMK', 5000 from customers where shop_id = $1",
      [shop.shopId],
    );
    const confirm = await askForSummary(customer);
    await hearsOnce(customer, "Total: 42,500 MMK");
    await rowsOf(house, "update customer_credits set balance_minor = 0 where shop_id = $1", [shop.shopId]);
    await customer.tap(confirm);
    await hearsOnce(customer, "your credit with the shop has changed");
    await hearsOnce(customer, "Total: 47,500 MMK");
    expect(await stockOf(story)).toEqual({ onHand: 5, reserved: 0 });
  });
});
