import { oldestMessageDays, retentionRules } from "./retention-class.ts";
import type { RetentionClass } from "./retention-class.ts";

/** How long a shop keeps what its customers say, and what a dispute about an order may need; null: the class's time. */
export type ShopRetention = { conversationDays: number | null; disputeDays: number | null };

/** What a shop has that has set nothing. */
export const noShopRetention: ShopRetention = { conversationDays: null, disputeDays: null };

/**
 * One rule of the daily run: records of one kind, of one class. `days`: of the class, unless it says otherwise; `shop`: in
 * each shop by the shop's own setting or its class's time; `all`: in all shops, and where there is none, by one time.
 */
type PurgeRule = { class: RetentionClass; per: "shop" | "all"; days?: number };

/**
 * What goes, in the order in which it goes: what refers to something goes before it. Each stands for rows of one table
 * with all that is of no use without them.
 */
export const purgeRules = {
  messages: { class: "conversation", per: "shop" },
  // However a conversation goes on, none of its messages is older.
  old_messages: { class: "conversation", per: "shop", days: oldestMessageDays },
  turns: { class: "conversation", per: "shop" },
  old_turns: { class: "conversation", per: "shop", days: oldestMessageDays },
  pictures: { class: "conversation", per: "shop" },
  dead_letters: { class: "conversation", per: "shop" },
  dead_events: { class: "conversation", per: "shop" },
  carts: { class: "conversation", per: "shop" },
  drafts: { class: "order.dispute", per: "shop" },
  unpaid_orders: { class: "order.dispute", per: "shop" },
  order_contacts: { class: "order.dispute", per: "shop" },
  refused_slips: { class: "order.dispute", per: "shop" },
  paid_orders: { class: "order.finance", per: "shop" },
  returned_money: { class: "order.finance", per: "shop" },
  customers: { class: "conversation", per: "shop" },
  audit_events: { class: "audit", per: "shop" },
  devices: { class: "notice_log", per: "all", days: 0 }, // the provider has said that they are gone
  owner_notices: { class: "notice_log", per: "all" },
  page_events: { class: "notice_log", per: "all" },
  mails: { class: "notice_log", per: "all", days: 30 },
  invitations: { class: "notice_log", per: "all", days: 30 },
  account_appeals: { class: "support", per: "all" },
  account_events: { class: "security", per: "all" },
  known_devices: { class: "security", per: "all" },
  device_signals: { class: "security", per: "all" },
  api_keys: { class: "security", per: "all" },
  sessions: { class: "security", per: "all", days: 7 }, // their owner still asks what happened yesterday
  account_tokens: { class: "operation", per: "all", days: 7 },
  sign_in_steps: { class: "operation", per: "all", days: 0 },
  unproven_accounts: { class: "operation", per: "all", days: 7 },
  claimed_events: { class: "operation", per: "all" },
  receipts: { class: "operation", per: "all" },
  gateway_events: { class: "operation", per: "all" },
  idempotency_keys: { class: "operation", per: "all" },
  plans: { class: "operation", per: "all" }, // of this very run, once nobody may execute them
} as const satisfies Record<string, PurgeRule>;

export type PurgeRuleName = keyof typeof purgeRules;
export const purgeRuleNames = Object.keys(purgeRules) as PurgeRuleName[]; // its keys are no others

export const dayMs = 24 * 60 * 60_000;

/** How many days of 24 hours the records of a rule are kept, in a shop with these settings. */
export function keptDays(name: PurgeRuleName, shop: ShopRetention = noShopRetention): number {
  const rule: PurgeRule = purgeRules[name];
  if (rule.days !== undefined) return rule.days;
  const own = ownDays(rule.class, shop);
  const { defaultDays } = retentionRules[rule.class];
  if (own === null && defaultDays === null) throw new TypeError(`what is of the class ${rule.class} is kept`);
  return own ?? defaultDays ?? 0;
}

/** What began its time at this instant or before is due at `now`. */
export function cutOff(now: Date, days: number): Date {
  return new Date(now.getTime() - days * dayMs);
}

/** A shop's own time of a class; within its bounds whatever stands in the row. */
function ownDays(name: RetentionClass, shop: ShopRetention): number | null {
  const days =
    name === "conversation" ? shop.conversationDays : name === "order.dispute" ? shop.disputeDays : null;
  const { bounds } = retentionRules[name];
  if (days === null || bounds === null) return null;
  return Math.min(bounds.maxDays, Math.max(bounds.minDays, days));
}
