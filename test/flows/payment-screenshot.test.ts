import { afterAll, beforeAll, expect, test } from "vitest";

import { startHouse, openTestShop } from "../support/house.ts";
import type { House, TestShop } from "../support/house.ts";
import { Customer, Owner, placeAnOrder } from "../support/people.ts";
import { eventually } from "../support/eventually.ts";

type OrderList = { data: { id: string; number: string; orderState: string; paymentState: string }[] };

let house: House;
let shop: TestShop;

beforeAll(async () => {
  house = await startHouse();
  shop = await openTestShop(house);
});
afterAll(() => house.close());

const slip = (reference: string, amountMinor = 47_500) => ({
  amountMinor,
  currency: "MMK",
  reference,
  paidAt: new Date().toISOString(),
  payee: "Daw Thiri",
});

async function orderInState(owner: Owner, payment: string) {
  return eventually(`an order is ${payment}`, async () =>
    (await owner.get<OrderList>("/v1/orders")).data.find(({ paymentState }) => paymentState === payment),
  );
}

test("carries a payment screenshot from the signed webhook to one receipt", async () => {
  const customer = new Customer(house, shop);
  const owner = new Owner(house, shop);
  await placeAnOrder(customer);
  await customer.sendSlip(slip("01004230001"));
  await customer.hearsText("I have your payment slip");
  const order = await orderInState(owner, "under_review");

  const answer = await owner.post(`/v1/orders/${order.id}/confirm-payment`);
  expect(answer.status).toBe(200);
  expect(await answer.json()).toMatchObject({ paymentState: "paid", orderState: "placed" });

  const receipt = await customer.hearsText("Payment received");
  expect(receipt.text).toContain(order.number);
  const receipts = (await customer.received()).filter(({ text = "" }) => text.includes("Payment received"));
  expect(receipts).toHaveLength(1);
});
