/**
 * How an order is paid: `transfer` by a slip that the owner confirms, `cod` in cash at the door, `gateway` at a payment
 * provider that confirms it itself.
 */
export const paymentKinds = ["transfer", "cod", "gateway"] as const;
export type PaymentKind = (typeof paymentKinds)[number];
