import { sql } from "kysely";
import type { RawBuilder } from "kysely";

import type { ParticipantId } from "../domain/id.ts";
import type { HeldReason } from "../domain/referral/states.ts";
import type { ShopTransaction } from "./connection.ts";
import { isSuspended } from "./suspended-participants.ts";

/** The lines of one payment for one beneficiary change their state together. */
type GroupKey = { payment_id: string; beneficiary_id: ParticipantId; level: number };

/**
 * What is past its holding period may be paid, unless a flag of high severity is open or the beneficiary is suspended.
 * Returns how many earnings there were; 0: nothing is due. Beneficiaries are held until commit, so that a flag is raised
 * before or after, and holds in either case.
 */
export async function matureCommissions(
  trx: ShopTransaction,
  { now, limit }: { now: Date; limit: number },
): Promise<number> {
  const beneficiaries = await trx
    .selectFrom("referral_participants")
    .select("id")
    .where((eb) => eb.not(isSuspended("referral_participants")))
    .where("id", "in", (eb) =>
      eb
        .selectFrom("commissions")
        .select("beneficiary_id")
        .where("kind", "=", "earning")
        .where("state", "=", "held")
        .where("matures_at", "<=", now),
    )
    .where((eb) => eb.not(hasOpenFlag("referral_participants.id")))
    .orderBy("id")
    .limit(limit)
    .forShare()
    .execute();
  if (beneficiaries.length === 0) return 0;
  const due = await trx
    .selectFrom("commissions")
    .select(["payment_id", "beneficiary_id", "level"])
    .where("kind", "=", "earning")
    .where("state", "=", "held")
    .where("matures_at", "<=", now)
    .where(
      "beneficiary_id",
      "in",
      beneficiaries.map(({ id }) => id),
    )
    .where((eb) => eb.not(hasOpenFlag("commissions.beneficiary_id")))
    .orderBy("id")
    .forUpdate()
    .execute();
  await moveGroups(trx, due, { from: "held", to: "payable", heldReason: null });
  return due.length;
}

/** What may be paid and is in no payout yet is held until the flag is decided; in the transaction that raises it. */
export async function holdCommissions(trx: ShopTransaction, participantIds: ParticipantId[]): Promise<void> {
  if (participantIds.length === 0) return;
  await setHeldReason(trx, participantIds, { from: "holding_period", to: "fraud" });
  const payable = await trx
    .selectFrom("commissions")
    .select(["payment_id", "beneficiary_id", "level"])
    .where("kind", "=", "earning")
    .where("state", "=", "payable")
    .where("beneficiary_id", "in", participantIds)
    .orderBy("id")
    .forUpdate()
    .execute();
  await moveGroups(trx, payable, { from: "payable", to: "held", heldReason: "fraud" });
}

/** No flag holds them any more: they wait for the end of their holding period, which may be past. */
export async function releaseCommissions(trx: ShopTransaction, participantId: ParticipantId): Promise<void> {
  if (await isHeld(trx, participantId)) return;
  await setHeldReason(trx, [participantId], { from: "fraud", to: "holding_period" });
}

/** What comes back from a payout is held as what was in none: a flag was raised meanwhile. */
export async function holdReturned(trx: ShopTransaction, participantId: ParticipantId): Promise<void> {
  if (await isHeld(trx, participantId)) await holdCommissions(trx, [participantId]);
}

async function isHeld(trx: ShopTransaction, participantId: ParticipantId): Promise<boolean> {
  const { rows } = await sql<{ isHeld: boolean }>`
    select ${hasOpenFlag("p.id")} as "isHeld" from referral_participants p where p.id = ${participantId}`.execute(
    trx,
  );
  return rows[0]?.isHeld === true;
}

/** They were looked at: from now on they are held, by a flag or for their holding period. */
export async function holdScreened(trx: ShopTransaction, groups: GroupKey[]): Promise<void> {
  const isFlagged = hasOpenFlag("commissions.beneficiary_id");
  const reason = sql<HeldReason>`case when ${isFlagged} then 'fraud' else 'holding_period' end`;
  await moveGroups(trx, groups, { from: "pending", to: "held", heldReason: reason });
}

/** An open flag of high severity. */
function hasOpenFlag(participant: "referral_participants.id" | "commissions.beneficiary_id" | "p.id") {
  return sql<boolean>`exists (select from fraud_flags f where f.participant_id = ${sql.ref(participant)}
    and f.state = 'open' and f.severity = 'high')`;
}

async function setHeldReason(
  trx: ShopTransaction,
  participantIds: ParticipantId[],
  { from, to }: { from: HeldReason; to: HeldReason },
): Promise<void> {
  await trx
    .updateTable("commissions")
    .set({ held_reason: to })
    .where("beneficiary_id", "in", participantIds)
    .where("state", "=", "held")
    .where("held_reason", "=", from)
    .execute();
}

async function moveGroups(
  trx: ShopTransaction,
  groups: GroupKey[],
  move: {
    from: "pending" | "held" | "payable";
    to: "held" | "payable";
    heldReason: HeldReason | null | RawBuilder<HeldReason>;
  },
): Promise<void> {
  const column = (key: keyof GroupKey) => groups.map((group) => group[key]);
  await trx
    .updateTable("commissions")
    .set({ state: move.to, held_reason: move.heldReason })
    .where("state", "=", move.from)
    .where(
      sql<boolean>`(payment_id, beneficiary_id, level) in (select * from unnest(
        ${column("payment_id")}::uuid[], ${column("beneficiary_id")}::uuid[], ${column("level")}::int[]))`,
    )
    .execute();
}
