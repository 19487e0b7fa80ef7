import { expect, test } from "vitest";
import { customerMayCancel, ownerMayCancel } from "../../domain/order/can-cancel.ts";
import { mayExpire } from "../../domain/order/can-expire.ts";
import { ownerMayFulfil } from "../../domain/order/can-fulfil.ts";
import { ownerMayRefund } from "../../domain/order/can-refund.ts";
import { ownerMayRevive } from "../../domain/order/can-revive.ts";
import type { DeliveryState, PaymentState } from "../../domain/order/states.ts";

const placed = {
  order: "placed",
  payment: "due",
  fulfilment: "pending",
  reviewOverdue: false,
} as const;

test.each<[PaymentState, boolean]>([
  ["due", true],
  ["cod_due", true],
  ["part_paid", true],
  ["under_review", false],
  ["paid", false],
  ["refund_due", false],
  ["refunded", false],
])("a customer may cancel a placed order that is %s: %s", (payment, may) => {
  expect(customerMayCancel({ ...placed, payment })).toBe(may);
});

test("a customer may cancel a review that is overdue, and a draft at any time", () => {
  expect(customerMayCancel({ ...placed, payment: "under_review", reviewOverdue: true })).toBe(true);
  expect(customerMayCancel({ ...placed, order: "draft", payment: "none" })).toBe(true);
});

test("a customer cancels neither a packed parcel nor a closed order", () => {
  expect(customerMayCancel({ ...placed, payment: "cod_due", fulfilment: "packed" })).toBe(false);
  expect(customerMayCancel({ ...placed, order: "cancelled", payment: "none" })).toBe(false);
  expect(customerMayCancel({ ...placed, order: "completed", payment: "paid" })).toBe(false);
});

test.each<[DeliveryState, boolean]>([
  ["pending", true],
  ["packed", true],
  ["shipped", true],
  ["delivered", false],
])("the owner may cancel a placed order that is %s: %s", (fulfilment, may) => {
  expect(ownerMayCancel({ order: "placed", fulfilment })).toBe(may);
  expect(ownerMayCancel({ order: "cancelled", fulfilment })).toBe(false);
});

test.each([
  [1, true],
  [15_000, true],
  [15_001, false],
  [0, false],
  [-1, false],
  [0.5, false],
])("of 20,000 received and 5,000 given back the owner may give back %d: %s", (amountMinor, may) => {
  const facts = { receivedMinor: 20_000, refundedMinor: 5_000, amountMinor };
  expect(ownerMayRefund({ order: "placed", ...facts })).toBe(may);
  expect(ownerMayRefund({ order: "draft", ...facts })).toBe(false);
});

test("goods move only when paid or when cash on delivery was accepted", () => {
  const packing = { order: "placed", from: "pending", to: "packed" } as const;
  expect(ownerMayFulfil({ ...packing, payment: "paid", isCodAccepted: false })).toBe(true);
  expect(ownerMayFulfil({ ...packing, payment: "cod_due", isCodAccepted: true })).toBe(true);
  expect(ownerMayFulfil({ ...packing, payment: "cod_due", isCodAccepted: false })).toBe(false);
  expect(ownerMayFulfil({ ...packing, payment: "part_paid", isCodAccepted: false })).toBe(false);
  expect(ownerMayFulfil({ ...packing, from: "shipped", payment: "paid", isCodAccepted: false })).toBe(false);
  expect(ownerMayFulfil({ ...packing, order: "cancelled", payment: "paid", isCodAccepted: true })).toBe(
    false,
  );
});

test("only an order without money and undecided evidence expires by itself", () => {
  const due = { order: "placed", payment: "due", heldMinor: 0, hasUndecidedEvidence: false } as const;
  expect(mayExpire(due)).toBe(true);
  expect(mayExpire({ ...due, hasUndecidedEvidence: true })).toBe(false);
  expect(mayExpire({ ...due, payment: "part_paid", heldMinor: 1 })).toBe(false);
  expect(mayExpire({ ...due, payment: "cod_due" })).toBe(false);
  expect(mayExpire({ ...due, order: "cancelled", payment: "none" })).toBe(false);
});

const expired = { order: "cancelled", kind: "transfer", cancelReason: "expired", receivedMinor: 0 } as const;
test.each<[string, Partial<Parameters<typeof ownerMayRevive>[0]>, boolean]>([
  ["expired", {}, true],
  ["cancelled by its customer", { cancelReason: "by_customer" }, false],
  ["open", { order: "placed", cancelReason: null }, false],
  ["expired, its money recorded as owed", { receivedMinor: 1 }, false],
  ["by cash", { kind: "cod", cancelReason: "cod_not_accepted" }, false],
])("the owner may revive an order that is %s: %s", (_standing, facts, may) => {
  expect(ownerMayRevive({ ...expired, ...facts })).toBe(may);
});
