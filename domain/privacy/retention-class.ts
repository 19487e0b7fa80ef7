/** From which moment of a record its time is counted. */
export type RetentionStart =
  | "last_message" // of the conversation; each message besides from its own time
  | "delivery_or_end"
  | "payment"
  | "close"
  | "event"
  | "last_reply"
  | "none";

/** How long a class of data is kept, in days of 24 hours. Null: no limit. */
export type RetentionRule = {
  starts: RetentionStart;
  defaultDays: number | null;
  /** Within which a shop or the platform may set it; null: not to be set. */
  bounds: { minDays: number; maxDays: number } | null;
  /** What a request for erasure leaves of it: nothing, what an open order or a dispute needs, or what the law keeps. */
  afterErasure: "erased" | "erased_unless_open" | "kept_by_law" | "unaffected";
};

const year = 365;
/** Seven calendar years, with their leap days. */
const sevenYears = 7 * year + 2;

/**
 * Every class of data that the product holds. `shop`: what describes a business and nobody in particular. `operation`: what
 * a process needs for days, such as the key of an event that may come twice. `platform`: what is about nobody.
 */
export const retentionRules = {
  conversation: rule("last_message", 180, [7, 730], "erased"),
  "order.dispute": rule("delivery_or_end", 180, [30, 365], "erased_unless_open"),
  "order.finance": rule("payment", sevenYears, null, "kept_by_law"),
  account: rule("close", 30, [0, 30], "erased"),
  "account.finance": rule("payment", sevenYears, null, "kept_by_law"),
  security: rule("event", 90, [30, 365], "erased"),
  notice_log: rule("event", 90, [30, 180], "erased"),
  tech_log: rule("event", 30, [7, 90], "unaffected"),
  support: rule("last_reply", 365, [1, 1_095], "erased"),
  consent: rule("event", sevenYears, null, "kept_by_law"),
  request: rule("event", sevenYears, null, "kept_by_law"),
  certificate: rule("event", sevenYears, null, "kept_by_law"),
  aggregate: rule("none", null, null, "unaffected"),
  audit: rule("event", sevenYears, null, "kept_by_law"),
  backup: rule("event", 30, [1, 30], "unaffected"),
  shop: rule("close", 30, [0, 30], "erased"),
  operation: rule("event", 8, null, "erased"),
  platform: rule("none", null, null, "unaffected"),
} as const satisfies Record<string, RetentionRule>;

export type RetentionClass = keyof typeof retentionRules;

/** However a conversation goes on, and whatever its shop has set. */
export const oldestMessageDays = 730;

function rule(
  starts: RetentionStart,
  defaultDays: number | null,
  bounds: [minDays: number, maxDays: number] | null,
  afterErasure: RetentionRule["afterErasure"],
): RetentionRule {
  return {
    starts,
    defaultDays,
    bounds: bounds && { minDays: bounds[0], maxDays: bounds[1] },
    afterErasure,
  };
}
