import { sql } from "kysely";

import type {
  EvidenceId,
  OrderId,
  ParticipantId,
  PayoutId,
  PrivacyRequestId,
  ShopId,
  UpgradeRequestId,
} from "../domain/id.ts";
import { nextDeadline } from "../domain/order/next-deadline.ts";
import { nextPayoutDeadline } from "../domain/payout/deadlines.ts";
import { nextPrivacyDeadline, openPrivacyStates } from "../domain/privacy/privacy-request.ts";
import { nextSubscriptionDeadline } from "../domain/subscription/next-subscription-deadline.ts";
import { nextUpgradeDeadline } from "../domain/subscription/upgrade.ts";
import { standingColumns, standingOf } from "./order-standing.ts";
import { evidenceReminderAt } from "./payment-evidence.ts";
import { payoutWaits } from "./payout-standing.ts";
import { privacyStanding } from "./privacy-requests.ts";
import { subscriptionStanding } from "./subscriptions.ts";
import { asSystem } from "./system-database.ts";
import type { SystemDatabase } from "./system-database.ts";
import { upgradeStanding } from "./upgrade-requests.ts";

/** `dueAt`: when its workflow does something by itself; null where a person is waited for. */
export type OpenOrder = { shopId: ShopId; orderId: OrderId; dueAt: Date | null };

/** Every order that a workflow must stand behind; pages by id. */
export function listOpenOrders(
  system: SystemDatabase,
  { after, limit }: { after: OrderId | null; limit: number },
): Promise<OpenOrder[]> {
  return asSystem(system, async (trx) => {
    let query = trx
      .selectFrom("orders as o")
      .select(["o.shop_id", "o.id", ...standingColumns])
      .select((eb) =>
        eb
          .exists(
            eb
              .selectFrom("payment_evidence as e")
              .select(sql`1`.as("one"))
              .whereRef("e.shop_id", "=", "o.shop_id")
              .whereRef("e.order_id", "=", "o.id")
              .where("e.state", "=", "undecided"),
          )
          .$castTo<boolean>()
          .as("hasUndecided"),
      )
      .where((eb) =>
        eb.or([
          eb("order_state", "=", "placed"),
          eb("payment_state", "=", "refund_due"),
          eb("review_since", "is not", null),
          eb.and([
            eb("order_state", "=", "completed"),
            sql<boolean>`received_minor - refunded_minor > total_minor`,
          ]),
        ]),
      )
      .orderBy("o.id")
      .limit(limit);
    if (after !== null) query = query.where("o.id", ">", after);
    const rows = await query.execute();
    return rows.map((row) => ({
      shopId: row.shop_id,
      orderId: row.id,
      dueAt: nextDeadline(standingOf(row, row.hasUndecided ? [{ state: "undecided" }] : []))?.at ?? null,
    }));
  });
}

/** `dueAt`: when the owner is reminded of it. */
export type OpenEvidence = { shopId: ShopId; evidenceId: EvidenceId; dueAt: Date };

/** Every slip that belongs to no order and that nobody decided about; pages by id. */
export function listUnmatchedEvidence(
  system: SystemDatabase,
  { after, limit }: { after: EvidenceId | null; limit: number },
): Promise<OpenEvidence[]> {
  return asSystem(system, async (trx) => {
    let query = trx
      .selectFrom("payment_evidence as e")
      .innerJoin("shops as s", "s.id", "e.shop_id")
      .select(["e.shop_id", "e.id", "e.remind_at", "e.received_at", "s.order_timings"])
      .where("e.state", "=", "unmatched")
      .orderBy("e.id")
      .limit(limit);
    if (after !== null) query = query.where("e.id", ">", after);
    const rows = await query.execute();
    return rows.map((row) => ({
      shopId: row.shop_id,
      evidenceId: row.id,
      dueAt: evidenceReminderAt(row, row.order_timings),
    }));
  });
}

/** `dueAt`: its next deadline. */
export type OpenUpgrade = { shopId: ShopId; requestId: UpgradeRequestId; dueAt: Date | null };

/** Every request for a plan that waits for somebody, or whose evidence is not purged; pages by id. */
export function listOpenUpgrades(
  system: SystemDatabase,
  { after, limit }: { after: UpgradeRequestId | null; limit: number },
): Promise<OpenUpgrade[]> {
  return asSystem(system, async (trx) => {
    let query = trx
      .selectFrom("upgrade_requests")
      .selectAll()
      .where("purged_at", "is", null)
      .orderBy("id")
      .limit(limit);
    if (after !== null) query = query.where("id", ">", after);
    const rows = await query.execute();
    return rows.map((row) => ({
      shopId: row.shop_id,
      requestId: row.id,
      dueAt: nextUpgradeDeadline(upgradeStanding(row))?.at ?? null,
    }));
  });
}

export type OpenErasure = { shopId: ShopId; requestId: PrivacyRequestId };

/**
 * Every erasure that is certified and not over: an order of it goes on, the second date is missing, a date of the books has
 * come, or a later leg was begun. Pages by request.
 */
export function listOpenErasures(
  system: SystemDatabase,
  { after, limit, now }: { after: PrivacyRequestId | null; limit: number; now: Date },
): Promise<OpenErasure[]> {
  return asSystem(system, (trx) => {
    let query = trx
      .selectFrom("erasures as e")
      .select(["e.shop_id as shopId", "e.request_id as requestId"])
      .where((eb) =>
        eb.or([
          eb.and([eb("e.stage", "<>", "certified"), eb("e.leg", ">", 1)]),
          eb.and([eb("e.stage", "=", "certified"), eb("e.final_at", "is", null)]),
          eb.and([
            eb("e.stage", "=", "certified"),
            sql<boolean>`exists (select from holds h where h.shop_id = e.shop_id and h.request_id = e.request_id
              and h.ended_at is null and (h.order_id is not null or h.until <= ${now}))`,
          ]),
        ]),
      )
      .orderBy("e.request_id")
      .limit(limit);
    if (after !== null) query = query.where("e.request_id", ">", after);
    return query.execute();
  });
}

/** `dueAt`: its next deadline. */
export type OpenPayout = {
  payoutId: PayoutId;
  participantId: ParticipantId;
  period: string;
  dueAt: Date | null;
};

/** Every payout that waits for somebody, or of which its participant has not heard; pages by id. */
export function listOpenPayouts(
  system: SystemDatabase,
  { after, limit }: { after: PayoutId | null; limit: number },
): Promise<OpenPayout[]> {
  return asSystem(system, async (trx) => {
    let query = trx
      .selectFrom("payouts")
      .selectAll()
      .where((eb) => eb.or([eb("state", "not in", ["paid", "cancelled"]), eb("notice_due", "is not", null)]))
      .orderBy("id")
      .limit(limit);
    if (after !== null) query = query.where("id", ">", after);
    const rows = await query.execute();
    return rows.map((row) => ({
      payoutId: row.id,
      participantId: row.participant_id,
      period: row.period,
      dueAt: nextPayoutDeadline(payoutWaits(row))?.at ?? null,
    }));
  });
}

/** `dueAt`: its next deadline. `isNew`: nothing has happened since the shop was made, and nobody has rung for it. */
export type OpenSubscription = { shopId: ShopId; dueAt: Date | null; isNew: boolean };

/** Every subscription that has a deadline; of one that is suspended nothing comes until somebody pays. Pages by shop. */
export function listOpenSubscriptions(
  system: SystemDatabase,
  { after, limit, now }: { after: ShopId | null; limit: number; now: Date },
): Promise<OpenSubscription[]> {
  return asSystem(system, async (trx) => {
    let query = trx
      .selectFrom("subscriptions")
      .select(["shop_id", "version", "state", "state_since", "ends_at", "reminded_before_ms"])
      .select(["scheduled_months", "timings"])
      .where("state", "<>", "suspended")
      .orderBy("shop_id")
      .limit(limit);
    if (after !== null) query = query.where("shop_id", ">", after);
    const rows = await query.execute();
    return rows.map((row) => ({
      shopId: row.shop_id,
      dueAt: nextSubscriptionDeadline(subscriptionStanding(row), now)?.at ?? null,
      isNew: row.version === 1,
    }));
  });
}

/** `dueAt`: its next deadline; null where people are waited for, or what is under way. */
export type OpenPrivacyRequest = { shopId: ShopId; requestId: PrivacyRequestId; dueAt: Date | null };

/** Every request about privacy that is open, or of which its person has something to hear; pages by id. */
export function listOpenPrivacyRequests(
  system: SystemDatabase,
  { after, limit }: { after: PrivacyRequestId | null; limit: number },
): Promise<OpenPrivacyRequest[]> {
  return asSystem(system, async (trx) => {
    let query = trx
      .selectFrom("privacy_requests")
      .selectAll()
      .where((eb) => eb.or([eb("tell", "is not", null), eb("state", "in", openPrivacyStates)]))
      .orderBy("id")
      .limit(limit);
    if (after !== null) query = query.where("id", ">", after);
    const rows = await query.execute();
    return rows.map((row) => ({
      shopId: row.shop_id,
      requestId: row.id,
      dueAt: nextPrivacyDeadline(privacyStanding(row))?.at ?? null,
    }));
  });
}
