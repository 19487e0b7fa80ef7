import { cutOff, keptDays } from "./purge-rules.ts";
import type { PurgeRuleName, ShopRetention } from "./purge-rules.ts";

/** What every rule comes down to: a record is due when its time began so many days of 24 hours ago, or before. */
export function isDue(rule: PurgeRuleName, startedAt: Date, { now, shop }: Moment): boolean {
  return startedAt <= cutOff(now, keptDays(rule, shop));
}

type Moment = { now: Date; shop: ShopRetention };

/** A message slides with its conversation until it reaches its own end. */
export function isMessageDue(message: { at: Date; lastOfConversation: Date }, moment: Moment): boolean {
  return isDue("messages", message.lastOfConversation, moment) || isDue("old_messages", message.at, moment);
}

/** An order as its dispute time sees it. */
export type EndedOrder = {
  deliveredAt: Date | null;
  /** Completed or cancelled. */
  endedAt: Date | null;
  /** Money to give back, a slip or a review that waits for somebody. */
  isOpen: boolean;
};

/** Null: its dispute time has not begun, since the order is not over. */
export function disputeBegan({ deliveredAt, endedAt, isOpen }: EndedOrder): Date | null {
  if (isOpen || endedAt === null) return null;
  return deliveredAt ?? endedAt;
}

/** Name, phone, address, notes and unfinished proofs of an order. */
export function isContactDue(order: EndedOrder, moment: Moment): boolean {
  const began = disputeBegan(order);
  return began !== null && isDue("order_contacts", began, moment);
}

/** Sums and proofs count from the last payment, never before the order's dispute time is over. */
export function isFinanceDue(order: EndedOrder & { lastPaidAt: Date }, moment: Moment): boolean {
  return isContactDue(order, moment) && isDue("paid_orders", order.lastPaidAt, moment);
}
