import { sql } from "kysely";
import type { Selectable } from "kysely";

import {
  defaultPriority,
  issue,
  isOver,
  lapse,
  reserve,
  settle,
  splitOverGrants,
  sumOf,
} from "../domain/credit/ledger.ts";
import type { CreditGrant, CreditPart, GrantKind } from "../domain/credit/ledger.ts";
import { creditsLeft, lowLevelToTell } from "../domain/credit/low-credits.ts";
import type { LowLevel } from "../domain/credit/low-credits.ts";
import { creditsExpireAt } from "../domain/credit/credits-expire-at.ts";
import { trialGrant } from "../domain/credit/trial.ts";
import { statesWith } from "../domain/subscription/service-of.ts";
import { AppError } from "../domain/app-error.ts";
import { newId } from "../domain/id.ts";
import type { GrantId, NoticeId, ShopId, TurnId } from "../domain/id.ts";
import type { NoticeKind } from "../domain/order/notice-texts.ts";
import type { ShopTransaction } from "./connection.ts";
import { postCredits } from "./credit-lines.ts";
import { insertNotice } from "./owner-notices.ts";
import type { CreditGrantsTable } from "./schema/credits.ts";
import { getSubscription } from "./subscriptions.ts";

type GrantRow = Selectable<CreditGrantsTable>;

const unanswered = statesWith("fallback", "silent");

export type NewGrant = {
  shopId: ShopId;
  kind: GrantKind;
  credits: number;
  /** The lowest burns first; by kind without it. */
  priority?: number;
  /** At once without it. */
  effectiveAt?: Date;
  /** Null: never. */
  expiresAt: Date | null;
  /** What it is for, from a business id. */
  effectKey: string;
  now: Date;
};

/** Safe to run twice by the effect key. False: it was granted before. */
export async function grantCredits(trx: ShopTransaction, grant: NewGrant): Promise<boolean> {
  const { shopId, kind, credits, expiresAt, effectKey, now } = grant;
  const row = await trx
    .insertInto("credit_grants")
    .values({
      shop_id: shopId,
      id: newId<GrantId>(),
      kind,
      credits,
      priority: grant.priority ?? defaultPriority[kind],
      effective_at: grant.effectiveAt ?? now,
      expires_at: expiresAt,
      effect_key: effectKey,
      created_at: now,
    })
    .onConflict((conflict) => conflict.columns(["shop_id", "effect_key"]).doNothing())
    .returning("id")
    .executeTakeFirst();
  if (!row) return false;
  return postCredits(trx, { shopId, kind: "grant", entries: issue({ grantId: row.id, credits }), now });
}

/**
 * Takes back what is left of a grant, e.g. because its payment was: what was used stays used and is nobody's debt; what
 * turns have reserved follows when it comes back. Answers how many credits were taken; undefined: there is no such
 * grant, or it was taken back before.
 */
export async function reverseGrant(
  trx: ShopTransaction,
  { shopId, effectKey, now }: { shopId: ShopId; effectKey: string; now: Date },
): Promise<number | undefined> {
  const row = await trx
    .updateTable("credit_grants")
    .set({ reversed_at: now })
    .where("shop_id", "=", shopId)
    .where("effect_key", "=", effectKey)
    .where("reversed_at", "is", null)
    .returningAll()
    .executeTakeFirst();
  if (!row) return undefined;
  await postCredits(trx, { shopId, kind: "lapse", entries: lapse(toGrant(row)), now });
  return row.available;
}

export type Reservation =
  | { outcome: "reserved"; parts: CreditPart[] }
  /** `mayComeBack`: other turns have reserved what is left, and most of it comes back. */
  | { outcome: "short"; mayComeBack: boolean };

export type ToReserve = {
  shopId: ShopId;
  turnId: TurnId;
  upperBound: number;
  /** An earlier attempt of the turn may have reserved. */
  isRetry: boolean;
  /** It will be asked again if credits may come back: nobody is told of the shortness yet. */
  willAskAgain: boolean;
  now: Date;
};

/**
 * Reserves the upper bound for a turn, or what is left if that is less, in the order of burning; a turn reserves once.
 * The first one of a shop that never had a grant gets the trial. Tells the owner, once a grant, when little is left or
 * none. Call it last in its transaction: other turns of the shop wait for its locks.
 */
export async function reserveCredits(trx: ShopTransaction, wanted: ToReserve): Promise<Reservation> {
  const { shopId, turnId, upperBound, now } = wanted;
  if (wanted.isRetry) {
    const parts = await findReservedParts(trx, wanted);
    if (parts) return { outcome: "reserved", parts };
  }
  const rows = await lockGrants(trx, { shopId, now });
  const grants = rows.map(toGrant);
  const parts = splitOverGrants(grants, { credits: upperBound, now });
  if (parts.length === 0) {
    const mayComeBack = creditsLeft(grants, now) > 0;
    if (!mayComeBack || !wanted.willAskAgain) await tellOwner(trx, { rows, level: 0, now });
    return { outcome: "short", mayComeBack };
  }
  const isNew = await postCredits(trx, {
    shopId,
    kind: "reserve",
    entries: reserve(parts),
    guard: (transactionId) => sql`
      insert into credit_reservations (shop_id, turn_id, state, upper_bound, reserve_transaction, reserved_at)
      values (${shopId}, ${turnId}, 'reserved', ${upperBound}, ${transactionId}, ${now})
      on conflict (shop_id, turn_id) do nothing returning 1`,
    now,
  });
  if (!isNew) return { outcome: "reserved", parts: await getReservedParts(trx, wanted) };
  const last = lastBegun(rows, now);
  const level = lowLevelToTell({
    left: creditsLeft(grants, now),
    lastGranted: last?.credits ?? 0,
    told: last?.told_percent ?? null,
  });
  if (level !== null) await tellOwner(trx, { rows, level, now });
  return { outcome: "reserved", parts };
}

type TurnRef = { shopId: ShopId; turnId: TurnId };

export type Charge = {
  credits: number;
  costMicroUsd: number;
  rateVersion: number;
};

/**
 * Ends a turn's reservation: of what it reserved, the charge is used and the rest comes back; without one all comes
 * back. Safe to run twice by the reservation's state. False: there was no open one. Call it last, as the other.
 */
export async function settleCredits(
  trx: ShopTransaction,
  {
    shopId,
    turnId,
    charge,
    now,
    ...known
  }: TurnRef & { charge: Charge | null; parts?: CreditPart[]; now: Date },
): Promise<boolean> {
  const parts = known.parts ?? (await findReservedParts(trx, { shopId, turnId }));
  if (!parts) return false;
  const charged = Math.min(charge?.credits ?? 0, sumOf(parts));
  const state = charge === null ? "released" : "settled";
  return postCredits(trx, {
    shopId,
    kind: charge === null ? "release" : "settle",
    entries: settle(parts, charged),
    guard: (transactionId) => sql`
      update credit_reservations set state = ${state}, settle_transaction = ${transactionId}, charged = ${charged},
        cost_micro_usd = ${charge?.costMicroUsd ?? 0}, rate_version = ${charge?.rateVersion ?? null}, ended_at = ${now}
      where shop_id = ${shopId} and turn_id = ${turnId} and state = 'reserved' returning 1`,
    now,
  });
}

/** Takes out what is left of grants that are over. */
export async function lapseCredits(
  trx: ShopTransaction,
  { shopId, now }: { shopId: ShopId; now: Date },
): Promise<void> {
  await lapseOf(trx, await lockOpenGrants(trx, { shopId, now }), now);
}

/**
 * In a shop that has credits again, and a subscription by which the agent answers, it answers what is written from now on,
 * as after it was off.
 */
export async function endShortness(
  trx: ShopTransaction,
  { shopId, now }: { shopId: ShopId; now: Date },
): Promise<void> {
  await sql`
    update conversations set credits_short_at = null, agent_from = ${now}
    where shop_id = ${shopId} and credits_short_at is not null and exists (
      select from credit_grants g where g.shop_id = ${shopId} and g.available > 0 and g.reversed_at is null
        and g.effective_at <= ${now} and (g.expires_at is null or g.expires_at > ${now}))
      and not exists (select from subscriptions s where s.shop_id = ${shopId} and s.state = any (${unanswered}))`.execute(
    trx,
  );
}

async function lockGrants(
  trx: ShopTransaction,
  { shopId, now }: { shopId: ShopId; now: Date },
): Promise<GrantRow[]> {
  const rows = await lockOpenGrants(trx, { shopId, now });
  if (rows.length === 0) {
    const { ends_at: endsAt, timings } = await getSubscription(trx, { shopId });
    await grantCredits(trx, { ...trialGrant, shopId, expiresAt: creditsExpireAt(endsAt, timings), now });
    return lockOpenGrants(trx, { shopId, now });
  }
  return lapseOf(trx, rows, now);
}

/** Those that hold credits, and the last one that has begun, whatever it holds; by id, as everybody locks them. */
function lockOpenGrants(
  trx: ShopTransaction,
  { shopId, now }: { shopId: ShopId; now: Date },
): Promise<GrantRow[]> {
  return trx
    .selectFrom("credit_grants")
    .selectAll()
    .where("shop_id", "=", shopId)
    .where((eb) =>
      eb.or([
        eb("available", ">", 0),
        eb("reserved", ">", 0),
        eb(
          "id",
          "=",
          eb
            .selectFrom("credit_grants as newest")
            .select("newest.id")
            .where("newest.shop_id", "=", shopId)
            .where("newest.effective_at", "<=", now)
            .orderBy("newest.id", "desc")
            .limit(1),
        ),
      ]),
    )
    .orderBy("id")
    .forUpdate()
    .execute();
}

/** Answers the grants as they are then. */
async function lapseOf(trx: ShopTransaction, rows: GrantRow[], now: Date): Promise<GrantRow[]> {
  const [first] = rows;
  const over = rows.filter((row) => row.available > 0 && isOver(toGrant(row), now));
  if (!first || over.length === 0) return rows;
  // A transaction does one thing, so that a person can read it.
  for (const account of ["expired", "reversed"] as const) {
    const entries = over
      .map((row) => lapse(toGrant(row)))
      .filter((lines) => lines.some((line) => line.account === account));
    await postCredits(trx, { shopId: first.shop_id, kind: "lapse", entries: entries.flat(), now });
  }
  return rows.map((row) => (over.includes(row) ? { ...row, available: 0 } : row));
}

/** What a turn has reserved and not settled, in the order of burning. */
async function findReservedParts(
  trx: ShopTransaction,
  { shopId, turnId }: TurnRef,
): Promise<CreditPart[] | undefined> {
  const rows = await trx
    .selectFrom("credit_reservations as r")
    .innerJoin("credit_lines as l", (join) =>
      join.onRef("l.shop_id", "=", "r.shop_id").onRef("l.transaction_id", "=", "r.reserve_transaction"),
    )
    .innerJoin("credit_grants as g", (join) =>
      join.onRef("g.shop_id", "=", "l.shop_id").onRef("g.id", "=", "l.grant_id"),
    )
    .select(["l.grant_id as grantId", "l.credits"])
    .where("r.shop_id", "=", shopId)
    .where("r.turn_id", "=", turnId)
    .where("r.state", "=", "reserved")
    .where("l.account", "=", "reserved")
    .orderBy("g.priority")
    .orderBy("g.expires_at") // nulls come last
    .orderBy("g.effective_at")
    .orderBy("g.id")
    .execute();
  return rows.length === 0 ? undefined : rows;
}

/** Throws when the reservation is settled: the turn is over, and this attempt of it too late. */
async function getReservedParts(trx: ShopTransaction, turn: TurnRef): Promise<CreditPart[]> {
  const parts = await findReservedParts(trx, turn);
  if (parts) return parts;
  throw new AppError("conflict", "turn.superseded", { internal: `credits of ${turn.turnId} are settled` });
}

/** One that begins later is none yet. */
function lastBegun(rows: readonly GrantRow[], now: Date): GrantRow | undefined {
  return rows.findLast(({ effective_at: effectiveAt }) => effectiveAt <= now);
}

const noticeOf: Record<LowLevel, NoticeKind> = { 20: "credits_low", 5: "credits_very_low", 0: "credits_out" };

/** Once for each level as long as the last grant is the last one. */
async function tellOwner(
  trx: ShopTransaction,
  { rows, level, now }: { rows: GrantRow[]; level: LowLevel; now: Date },
): Promise<void> {
  const last = lastBegun(rows, now);
  if (!last || last.told_percent === level) return;
  const { shop_id: shopId, id } = last;
  await trx
    .updateTable("credit_grants")
    .set({ told_percent: level })
    .where("shop_id", "=", shopId)
    .where("id", "=", id)
    .execute();
  const businessKey = `credits:${id}:${level}`;
  await insertNotice(trx, {
    shopId,
    id: newId<NoticeId>(),
    kind: noticeOf[level],
    businessKey,
    data: {},
    now,
  });
}

function toGrant(row: GrantRow): CreditGrant {
  return {
    id: row.id,
    priority: row.priority,
    effectiveAt: row.effective_at,
    expiresAt: row.expires_at,
    reversedAt: row.reversed_at,
    available: row.available,
    reserved: row.reserved,
  };
}
