import { sql } from "kysely";
import type { Selectable, Updateable } from "kysely";

import { AppError } from "../domain/app-error.ts";
import type { AccountId, ShopId, SubjectId, UpgradeRequestId } from "../domain/id.ts";
import type { Money } from "../domain/money.ts";
import type { NewKey } from "../domain/sealing.ts";
import type { PlanRef } from "../domain/subscription/plan.ts";
import type { UpgradeTimings } from "../domain/subscription/timings.ts";
import { asPlan } from "../domain/subscription/upgrade.ts";
import type { Bought, UpgradeStanding, UpgradeState } from "../domain/subscription/upgrade.ts";
import { sqlState } from "./connection.ts";
import type { ShopTransaction } from "./connection.ts";
import type { UpgradeRequestsTable } from "./schema/plans.ts";
import { insertSubjects } from "./subjects.ts";

export type UpgradeRequestRow = Selectable<UpgradeRequestsTable>;
export type UpgradeRef = { shopId: ShopId; requestId: UpgradeRequestId };

/** A request is a subject under its own id: its evidence goes when its key is destroyed. */
export function upgradeSubject(requestId: UpgradeRequestId): SubjectId {
  // Safe: the `subjects` row of a request is made with the request's id.
  return requestId as string as SubjectId;
}

export type NewUpgradeRequest = UpgradeRef & {
  bought: Bought;
  price: Money;
  timings: UpgradeTimings;
  needsSecondApproval: boolean;
  requestedBy: AccountId;
  keys: NewKey[];
  now: Date;
};

/** With its subject and key. Throws what `asOpenElsewhere` reads when the shop has an open request. */
export async function insertUpgradeRequest(trx: ShopTransaction, request: NewUpgradeRequest): Promise<void> {
  const { shopId, requestId, bought, price, timings, keys, now } = request;
  const subjects = [{ id: upgradeSubject(requestId), kind: "upgrade" as const }];
  await insertSubjects(trx, { shopId, subjects, keys, now });
  await trx
    .insertInto("upgrade_requests")
    .values({
      shop_id: shopId,
      id: requestId,
      ...(bought.kind === "plan"
        ? { plan_code: bought.planCode, plan_version: bought.planVersion }
        : { top_up_code: bought.topUpCode, top_up_version: bought.topUpVersion }),
      amount_minor: price.amountMinor,
      currency: price.currency,
      state: "draft",
      timings: JSON.stringify(timings),
      needs_second_approval: request.needsSecondApproval,
      requested_by: request.requestedBy,
      evidence_due_at: new Date(now.getTime() + timings.evidenceDueMs),
      created_at: now,
    })
    .execute();
}

export type AskedFor = Pick<
  UpgradeRequestRow,
  "plan_code" | "plan_version" | "top_up_code" | "top_up_version"
>;

/** What is asked for; the table lets it be one of the two. */
export function boughtOf(row: AskedFor): Bought {
  if (row.plan_code !== null && row.plan_version !== null) {
    return { kind: "plan", planCode: row.plan_code, planVersion: row.plan_version };
  }
  if (row.top_up_code !== null && row.top_up_version !== null) {
    return { kind: "top_up", topUpCode: row.top_up_code, topUpVersion: row.top_up_version };
  }
  throw new TypeError("a request is for a plan or for a package of credits");
}

export function planOf(row: AskedFor): PlanRef {
  return asPlan(boughtOf(row));
}

/** For `catch`: the answer to an owner whose shop has another open request; anything else is thrown on. */
export function asOpenElsewhere(error: unknown): never {
  if (!isTaken(error, "upgrade_requests_one_open")) throw error;
  throw new AppError("conflict", "upgrade.already_open", {
    internal: "the shop has an open request",
    public: "There is an open request already. Cancel it first, or hand in its evidence.",
    cause: error,
  });
}

const uniqueViolation = "23505";

export function findUpgradeRequest(
  trx: ShopTransaction,
  { shopId, requestId }: UpgradeRef,
): Promise<UpgradeRequestRow | undefined> {
  return trx
    .selectFrom("upgrade_requests")
    .selectAll()
    .where("shop_id", "=", shopId)
    .where("id", "=", requestId)
    .executeTakeFirst();
}

/** Newest first. */
export function listUpgradeRequests(
  trx: ShopTransaction,
  { shopId, before, limit }: { shopId: ShopId; before?: UpgradeRequestId; limit: number },
): Promise<UpgradeRequestRow[]> {
  let query = trx
    .selectFrom("upgrade_requests")
    .selectAll()
    .where("shop_id", "=", shopId)
    .orderBy("id", "desc")
    .limit(limit);
  if (before !== undefined) query = query.where("id", "<", before);
  return query.execute();
}

/** Whether the shop has asked for something after this request. */
export async function hasLaterRequest(
  trx: ShopTransaction,
  { shop_id: shopId, id, created_at: createdAt }: Pick<UpgradeRequestRow, "shop_id" | "id" | "created_at">,
): Promise<boolean> {
  const later = await trx
    .selectFrom("upgrade_requests")
    .select("id")
    .where("shop_id", "=", shopId)
    .where("id", "<>", id)
    .where("created_at", ">=", createdAt)
    .limit(1)
    .executeTakeFirst();
  return later !== undefined;
}

/** A provider has told of money: booking it is what comes next. False: all of it is booked. */
export async function markMoneyCame(
  trx: ShopTransaction,
  { shopId, requestId, now }: UpgradeRef & { now: Date },
): Promise<boolean> {
  const { rows } = await sql`
    update upgrade_requests r set money_came_at = ${now}, version = version + 1
    where r.shop_id = ${shopId} and r.id = ${requestId} and exists (
      select from gateway_payments p
        left join gateway_refunds f on f.shop_id = p.shop_id and f.payment_id = p.id
      where p.shop_id = r.shop_id and p.purpose = 'upgrade' and p.owner_id = r.id
        and ((p.state = 'paid' and p.booked_at is null) or (f.state = 'done' and f.booked_at is null)))
    returning 1`.execute(trx);
  return rows.length > 0;
}

/** Holds it until commit: of two decisions the second sees the first. */
export async function lockUpgradeRequest(
  trx: ShopTransaction,
  { shopId, requestId }: UpgradeRef,
): Promise<UpgradeRequestRow> {
  const row = await trx
    .selectFrom("upgrade_requests")
    .selectAll()
    .where("shop_id", "=", shopId)
    .where("id", "=", requestId)
    .forUpdate()
    .executeTakeFirst();
  if (row) return row;
  throw new AppError("not_found", "upgrade.not_found", { internal: `upgrade ${requestId}` });
}

export type UpgradeChange = Omit<Updateable<UpgradeRequestsTable>, "shop_id" | "id" | "version">;

/** Under `lockUpgradeRequest`; names the state that was read all the same. Answers the row as it is then. */
export async function changeUpgradeRequest(
  trx: ShopTransaction,
  { shopId, requestId, from, set }: UpgradeRef & { from: UpgradeState; set: UpgradeChange },
): Promise<UpgradeRequestRow> {
  const row = await trx
    .updateTable("upgrade_requests")
    .set((eb) => ({ ...set, version: eb("version", "+", 1) }))
    .where("shop_id", "=", shopId)
    .where("id", "=", requestId)
    .where("state", "=", from)
    .returningAll()
    .executeTakeFirst();
  if (row) return row;
  throw new AppError("conflict", "upgrade.moved_on", { internal: `upgrade ${requestId} left ${from}` });
}

/** True when another approved request of any shop was paid by this reference, as far as this shop may know. */
export function isReferenceTaken(error: unknown): boolean {
  return isTaken(error, "upgrade_requests_reference");
}

function isTaken(error: unknown, index: string): boolean {
  const { constraint } = error as { constraint?: unknown };
  return sqlState(error) === uniqueViolation && constraint === index;
}

/** What the rules look at. */
export function upgradeStanding(
  row: Pick<
    UpgradeRequestRow,
    | "state"
    | "money_came_at"
    | "evidence_due_at"
    | "submitted_at"
    | "reminded_at"
    | "escalated_at"
    | "purge_due_at"
    | "purged_at"
    | "timings"
  >,
): UpgradeStanding {
  return {
    state: row.state,
    moneyCameAt: row.money_came_at,
    evidenceDueAt: row.evidence_due_at,
    submittedAt: row.submitted_at,
    remindedAt: row.reminded_at,
    escalatedAt: row.escalated_at,
    purgeDueAt: row.purge_due_at,
    purgedAt: row.purged_at,
    timings: row.timings,
  };
}
