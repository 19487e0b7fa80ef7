import { sql } from "kysely";
import type { Selectable } from "kysely";

import type { FraudFlagId, ParticipantId } from "../domain/id.ts";
import type { Currency } from "../domain/money.ts";
import { asAdmin } from "./admin-database.ts";
import type { AdminDatabase } from "./admin-database.ts";
import type { Look } from "./admin-upgrades.ts";
import type { ShopTransaction } from "./connection.ts";
import { dismissFlag, listFlags, upholdFlag } from "./fraud-flags.ts";
import type { FlagDecision, FlagQueue, FlagResult, FraudFlagRow } from "./fraud-flags.ts";
import { writePlatformLog } from "./platform-log.ts";
import { getParticipant, isOnLineOf } from "./referrals.ts";
import type { ParticipantRow } from "./referrals.ts";
import type { FraudDecisionsTable } from "./schema/referral.ts";

export type FraudDecisionRow = Selectable<FraudDecisionsTable>;
/** What flags hold of a participant's earnings. */
export type HeldTotal = { participantId: ParticipantId; currency: Currency; amountMinor: number };

export type FlagPage = { flags: FraudFlagRow[]; held: HeldTotal[] };

/** Of all participants, what weighs more first. */
export function listFlagQueue(
  admin: AdminDatabase,
  filter: { queue: FlagQueue; after?: FraudFlagId; limit: number },
): Promise<FlagPage> {
  return asAdmin(admin, async (trx) => {
    const flags = await listFlags(trx, filter);
    return { flags, held: await sumHeld(trx, [...new Set(flags.map((flag) => flag.participant_id))]) };
  });
}

export type FlagCase = {
  flag: FraudFlagRow;
  participant: ParticipantRow;
  held: HeldTotal[];
  decisions: FraudDecisionRow[];
  /** Whoever looks stands on the participant's line of the tree, and may not decide. */
  isRelated: boolean;
};

/** A flag, whom it is about, and who decided what; undefined when there is none. */
export function viewFlagCase(
  admin: AdminDatabase,
  flagId: FraudFlagId,
  look: Look,
): Promise<FlagCase | undefined> {
  return asAdmin(admin, async (trx) => {
    const flag = await findFlag(trx, flagId);
    if (flag === undefined) return undefined;
    const participant = await getParticipant(trx, flag.participant_id);
    const held = await sumHeld(trx, [participant.id]);
    const decisions = await trx
      .selectFrom("fraud_decisions")
      .selectAll()
      .where("flag_id", "=", flagId)
      .orderBy("id")
      .execute();
    await writeDown(trx, flag, look);
    const isRelated = await isOnLineOf(trx, participant.id, look.accountId);
    return { flag, participant, held, decisions, isRelated };
  });
}

export function findFlagOfAny(admin: AdminDatabase, flagId: FraudFlagId): Promise<FraudFlagRow | undefined> {
  return asAdmin(admin, (trx) => findFlag(trx, flagId));
}

export type AdminFlagDecision = FlagDecision & { decision: "upheld" | "dismissed" };

/**
 * Decides about a flag, or about the appeal against it, and writes it down. Safe to run twice: the same word of the same
 * admin is answered as decided.
 */
export function decideFlag(admin: AdminDatabase, asked: AdminFlagDecision): Promise<FlagResult> {
  return asAdmin(admin, async (trx) => {
    const result = asked.decision === "upheld" ? await upholdFlag(trx, asked) : await dismissFlag(trx, asked);
    const flag = await findFlag(trx, asked.flagId);
    if (flag === undefined) return result;
    if (result.outcome === "decided") {
      const { by: accountId, now } = asked;
      await writeDown(trx, flag, { action: `fraud_flag.${asked.decision}`, accountId, now });
      return result;
    }
    const isSame = flag.state === asked.decision && flag.decided_by === asked.by;
    return result.reason === "already_decided" && isSame
      ? { outcome: "decided", state: asked.decision }
      : result;
  });
}

function findFlag(trx: ShopTransaction, flagId: FraudFlagId): Promise<FraudFlagRow | undefined> {
  return trx.selectFrom("fraud_flags").selectAll().where("id", "=", flagId).executeTakeFirst();
}

async function sumHeld(trx: ShopTransaction, participantIds: ParticipantId[]): Promise<HeldTotal[]> {
  if (participantIds.length === 0) return [];
  return trx
    .selectFrom("commissions")
    .where("beneficiary_id", "in", participantIds)
    .where("state", "=", "held")
    .where("held_reason", "=", "fraud")
    .groupBy(["beneficiary_id", "currency"])
    .orderBy("currency")
    .select([
      "beneficiary_id as participantId",
      "currency",
      sql<number>`sum(amount_minor)::bigint`.as("amountMinor"),
    ])
    .execute();
}

function writeDown(trx: ShopTransaction, flag: FraudFlagRow, look: Look): Promise<void> {
  const { id: resourceId, participant_id: subjectId, rule } = flag;
  return writePlatformLog(trx, { subjectId, resourceId, data: { rule } }, look);
}
