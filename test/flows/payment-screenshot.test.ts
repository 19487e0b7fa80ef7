import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

import { startHouse } from "../support/house.ts";
import type { House } from "../support/house.ts";
import {
  clockOf,
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
import type { EvidenceView, Story } from "../support/order-story.ts";
import { rowsOf } from "../support/outside.ts";

let house: House;
beforeAll(async () => {
  house = await startHouse();
});
afterAll(() => house.close());

/** An order of one dress whose full payment waits for the owner. */
async function paidBySlip(story: Story, picture = slip()) {
  const placed = await place(story);
  await story.customer.sendSlip(picture);
  return underReview(story.owner, placed.id);
}

const storedSlips = `select o.content_type, o.purpose, e.sealed_for, e.order_id from payment_evidence e
  join objects o on o.shop_id = e.shop_id and o.id = e.object_id where e.shop_id = $1`;

test("M:ONAMI-19 carries a payment screenshot from the signed webhook to one receipt", async () => {
  const story = await openStory(house);
  const { owner, customer, device, shop } = story;
  const placed = await place(story);
  expect(placed).toMatchObject({ orderState: "placed", paymentState: "due" });
  expect(await stockOf(story)).toEqual({ onHand: 5, reserved: 1 });

  // 1–6: the signed webhook is taken, its picture fetched, re-encoded, sealed and stored.
  await customer.sendSlip(slip());
  await hearsOnce(customer, "I have your payment slip");
  const order = await underReview(owner, placed.id);
  const slips = await rowsOf(house, storedSlips, [shop.shopId]);
  expect(slips).toMatchObject([{ content_type: "image/jpeg", purpose: "order", sealed_for: "order" }]);
  await expectNoPictureOnDisk();

  // 7–9: what was read is evidence of this order, whose clock stands; the verdict is code's.
  expect(order).toMatchObject({ paymentState: "under_review", orderState: "placed" });
  expect(order.evidence).toMatchObject([{ state: "undecided", verdict: "matches" }]);
  expect(await clockOf(story, order)).toMatchObject({ stops: 1, stoppedAt: expect.any(Date) });

  // 10: the owner's phone.
  const push = await isPushed(story, "Payment to check");
  expect(push.notification.body).toContain(`#${placed.number} · 47,500 MMK`);
  expect(push.data.path).toBe(`/console/orders/${placed.id}`);

  // 11–12: the owner confirms; payment, order, stock, audit and outbox are one change.
  expect(await decide(owner, order, "confirm-payment")).toMatchObject({
    paymentState: "paid",
    orderState: "placed",
  });
  expect((await getOrder(owner, order.id)).payments).toMatchObject([
    { kind: "payment", amount: { amountMinor: 47_500, currency: "MMK" } },
  ]);
  expect(await stockOf(story)).toEqual({ onHand: 4, reserved: 0 });
  const audit = "select 1 from audit_events where shop_id = $1 and action = 'order.payment_recorded'";
  expect(await rowsOf(house, audit, [shop.shopId])).toHaveLength(1);

  // 13: the receipt, once.
  const receipt = await customer.hearsText("Payment received");
  expect(receipt.text).toContain(`#${order.number}`);
  expect(receipt.text).toContain("47,500 MMK");
  await hearsOnce(customer, "Payment received");
  expect(await pushesTo(house, device)).toHaveLength(2); // the order, the slip
});

/** JPEG and PNG begin with bytes that no sealed file shows. */
async function expectNoPictureOnDisk(): Promise<void> {
  const folder = join(house.home, "objects");
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  expect(files.length).toBeGreaterThan(0);
  for (const file of files) {
    const bytes = await readFile(join(file.parentPath, file.name));
    expect(bytes.includes(Buffer.from([0xff, 0xd8, 0xff]))).toBe(false);
    expect(bytes.includes(Buffer.from("\x89PNG", "latin1"))).toBe(false);
  }
}

test("keeps the accepted slip under the finance key and shows it to the owner as before", async () => {
  const story = await openStory(house);
  const { owner, shop } = story;
  const picture = slip();
  const order = await paidBySlip(story, picture);
  const path = `/v1/payment-evidence/${order.evidence[0]?.id}`;
  const seePicture = async ({ picture: { url } }: EvidenceView) => {
    const answer = await owner.fetch("GET", url);
    expect(answer.headers.get("content-type")).toBe("image/jpeg");
    return Buffer.from(await answer.arrayBuffer());
  };
  const before = await seePicture(await owner.get<EvidenceView>(path));

  await decide(owner, order, "confirm-payment");

  const slips = await rowsOf(house, storedSlips, [shop.shopId]);
  expect(slips).toMatchObject([{ purpose: "finance", sealed_for: "finance" }]);
  const after = await owner.get<EvidenceView>(path);
  expect(after).toMatchObject({
    state: "accepted",
    reading: { amountMinor: 47_500, reference: picture.reference },
  });
  expect((await seePicture(after)).equals(before)).toBe(true);
});

test.each([
  ["refuse-payment", "could not accept the payment slip"],
  ["request-evidence-again", "needs another picture"],
])("after %s the clock goes on, and another slip is accepted", async (verb, told) => {
  const story = await openStory(house);
  const { owner, customer } = story;
  const order = await paidBySlip(story);
  const stopped = await clockOf(story, order);
  const reason = "The name is cut off";

  expect(await decide(owner, order, verb, { reason })).toMatchObject({ paymentState: "due" });

  expect((await customer.hearsText(told)).text).toContain(reason);
  const running = await clockOf(story, order);
  expect(running).toMatchObject({ stoppedAt: null, stops: 1 });
  // What was left when it stopped is left again.
  expect(running.dueAt.getTime()).toBeGreaterThan(stopped.dueAt.getTime());
  expect(await stockOf(story)).toEqual({ onHand: 5, reserved: 1 });

  await customer.sendSlip(slip());
  await underReview(owner, order.id);
  await decide(owner, order, "confirm-payment");
  await hearsOnce(customer, "Payment received");
  expect(await countHeard(customer, told)).toBe(1);
  const { evidence, payments } = await getOrder(owner, order.id);
  expect(evidence.map(({ state }) => state).toSorted()).toEqual(["accepted", "refused"]);
  expect(payments).toHaveLength(1);
});

test("books one payment for two clicks at once, a repeated key and a late click", async () => {
  const story = await openStory(house);
  const { owner, customer } = story;
  const order = await paidBySlip(story);
  const path = `/v1/orders/${order.id}/confirm-payment`;
  const evidenceId = order.evidence[0]?.id;
  const key = crypto.randomUUID();

  const clicks = await Promise.all([
    owner.post(path),
    owner.post(path),
    owner.post(path, { evidenceId }),
    owner.post(path, { evidenceId }, key),
  ]);
  const repeated = await owner.post(path, { evidenceId }, key);
  const late = await owner.post(path);

  for (const answer of [...clicks, repeated, late]) {
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ paymentState: "paid" });
  }
  const refused = await owner.post(`/v1/orders/${order.id}/refuse-payment`, { evidenceId });
  expect(await refusal(refused)).toEqual({ status: 409, code: "evidence.accepted" });
  expect((await getOrder(owner, order.id)).payments).toHaveLength(1);
  expect(await stockOf(story)).toEqual({ onHand: 4, reserved: 0 });
  await hearsOnce(customer, "Payment received");
});

test("refuses a bank reference that was booked before, with the verdict duplicate", async () => {
  const story = await openStory(house);
  const { owner, customer } = story;
  const { reference } = slip();
  const first = await paidBySlip(story, slip({ reference }));
  await decide(owner, first, "confirm-payment");
  const second = await place(story);

  await customer.sendSlip(slip({ reference: reference.toLowerCase(), payee: "Daw Thiri " }));

  const reviewed = await underReview(owner, second.id);
  expect(reviewed.evidence).toMatchObject([{ verdict: "duplicate" }]);
  const answer = await owner.post(`/v1/orders/${second.id}/confirm-payment`);
  expect(await refusal(answer)).toEqual({ status: 409, code: "payment.reference_taken" });
  expect(await getOrder(owner, second.id)).toMatchObject({ paymentState: "under_review", payments: [] });
  expect(await countHeard(customer, "Payment received")).toBe(1);

  // The model may have misread it: the owner's word counts.
  const corrected = await decide(owner, second, "confirm-payment", { reference: `${reference}9` });
  expect(corrected).toMatchObject({ paymentState: "paid" });
});

test("sees that the same picture came twice, and books it once", async () => {
  const story = await openStory(house);
  const { owner, customer } = story;
  const placed = await place(story);
  const picture = slip();
  await customer.sendSlip(picture);
  await underReview(owner, placed.id);

  await customer.sendSlip(picture);

  const order = await underReview(owner, placed.id, 2);
  expect(order.evidence.map(({ verdict }) => verdict)).toEqual(["matches", "duplicate"]);
  const [first, second] = order.evidence;
  await decide(owner, order, "confirm-payment", { evidenceId: first?.id });
  const again = await owner.post(`/v1/orders/${order.id}/confirm-payment`, { evidenceId: second?.id });
  expect(await refusal(again)).toEqual({ status: 409, code: "payment.reference_taken" });
  expect((await getOrder(owner, order.id)).payments).toHaveLength(1);
});

test("asks for a sharp picture when nothing can be read, and lets the owner decide all the same", async () => {
  const story = await openStory(house);
  const { owner, customer } = story;
  const order = await paidBySlip(story, slip({ blurred: true }));
  expect(order.evidence).toMatchObject([{ verdict: "unreadable" }]);
  await hearsOnce(customer, "I cannot read this slip");

  const blind = await owner.post(`/v1/orders/${order.id}/confirm-payment`);
  expect(await refusal(blind)).toEqual({ status: 409, code: "payment.amount_unknown" });
  const paid = await decide(owner, order, "confirm-payment", { amountMinor: 47_500 });
  expect(paid).toMatchObject({ paymentState: "paid" });
});
