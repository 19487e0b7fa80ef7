/** What can wait in the rows, each with its own cause and its own alarm. */
export const waitingThings = [
  "messages", // of customers and owners, not claimed by a worker
  "turns", // claimed and not stored
  "sends", // due to be sent
  "unknown", // sent perhaps: the answer was lost
  "window", // messages that Meta's window holds until the customer writes
  "receipts", // echoes and marks, not applied
  "pushes", // due notices to phones
  "decisions", // orders that a person of the shop has to decide
  "slips", // that belong to no order
  "upgrades", // requests for a plan that an admin has to decide
  "payouts", // commissions that admins have to propose, approve, send or record
  "flags", // of fraud, appeals against them, and applications to the referral, that an admin has to decide
  "appeals", // of suspended accounts, that an admin has to answer
  "breaches", // of personal data, of which people are not told yet, from the discovery on
  "tickets", // of people who wrote to us, that compliance has to answer
  "reviews", // of who may do what, that nobody signed in time
  "privacy", // requests about privacy whose last day is over
  "reservations", // of credits, by turns that are not over
  "retention", // the removal of what is due, since a daily run was last through
  "credits", // customers whose shop has none left
] as const;
export type WaitingThing = (typeof waitingThings)[number];

/** Since when the oldest waits, null where none does; and how many do. */
export type Waiting = { oldestAt: Date | null; count: number };

export type HouseState = {
  waiting: Record<WaitingThing, Waiting>;
  /** Pages whose token or permission Meta refuses. */
  brokenPages: number;
  /** When an epoch key was destroyed last; before the first time, when the first one was made. */
  keysRotatedAt: Date | null;
  /** The database's clock when it answered. */
  databaseNow: Date;
};

export type PoolState = { total: number; idle: number; waiting: number; max: number };
export type KeyCacheState = { size: number; hits: number; misses: number };
