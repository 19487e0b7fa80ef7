import { sql } from "kysely";
import type { Selectable } from "kysely";

import { newId } from "../domain/id.ts";
import type { AccountId, FraudFlagId, ParticipantId } from "../domain/id.ts";
import type { FraudReason } from "../domain/referral/fraud-reasons.ts";
import type { FraudRule, FraudSeverity } from "../domain/referral/fraud-rules.ts";
import type { FlagState } from "../domain/referral/states.ts";
import type { Sealed, SealedPlace } from "../domain/sealing.ts";
import { platformShopId } from "./accounts.ts";
import { holdCommissions, releaseCommissions } from "./commission-states.ts";
import { cancelCommissions, restoreCommissions } from "./commissions.ts";
import type { ShopTransaction } from "./connection.ts";
import { queueMails } from "./mails.ts";
import { isOnLineOf } from "./referrals.ts";
import type { FraudEvidence, FraudFlagsTable } from "./schema/referral.ts";

export type FraudFlagRow = Selectable<FraudFlagsTable>;

export type NewFlag = {
  participantId: ParticipantId;
  rule: FraudRule;
  severity: FraudSeverity;
  evidenceKey: string;
  evidence: FraudEvidence;
};

/**
 * Raises each flag once for its evidence, whatever was decided about it, and holds the earnings of whoever got a new one
 * of high severity, who gets a mail. The participants must be held by the caller (`lockParticipants`).
 */
export async function raiseFlags(trx: ShopTransaction, flags: NewFlag[], now: Date): Promise<void> {
  if (flags.length === 0) return;
  const raised = await trx
    .insertInto("fraud_flags")
    .values(
      flags.map((flag) => ({
        id: newId<FraudFlagId>(),
        participant_id: flag.participantId,
        rule: flag.rule,
        severity: flag.severity,
        evidence_key: flag.evidenceKey,
        evidence: JSON.stringify(flag.evidence),
        raised_at: now,
      })),
    )
    .onConflict((conflict) => conflict.columns(["participant_id", "rule", "evidence_key"]).doNothing())
    .returning(["id", "participant_id", "severity"])
    .execute();
  const held = raised.filter(({ severity }) => severity === "high");
  await holdCommissions(trx, [...new Set(held.map(({ participant_id }) => participant_id))]);
  // One mail to each, however many rules have found something at once.
  const about = new Map(held.map(({ id, participant_id: participantId }) => [participantId, id]));
  await mailParticipants(trx, { kind: "earnings_held", about, now });
}

/** To those who have joined, whatever they chose to be told; `about` is what each one's mail is about. */
async function mailParticipants(
  trx: ShopTransaction,
  told: { kind: "earnings_held" | "flag_decided"; about: Map<ParticipantId, string>; now: Date },
): Promise<void> {
  const { kind, about, now } = told;
  if (about.size === 0) return;
  const accounts = await trx
    .selectFrom("referral_participants")
    .innerJoin("accounts", "accounts.id", "referral_participants.account_id")
    .where("referral_participants.id", "in", [...about.keys()])
    .where("joined_at", "is not", null)
    .select(["referral_participants.id", "accounts.id as accountId", "accounts.language"])
    .execute();
  await queueMails(
    trx,
    accounts.map(({ id, accountId, language }) => {
      return { accountId, kind, businessKey: `${kind}:${about.get(id)}`, data: {}, language, now };
    }),
  );
}

/** In the order of their ids, so that two who lock do not wait for each other. */
export async function lockParticipants(trx: ShopTransaction, ids: ParticipantId[]): Promise<void> {
  if (ids.length === 0) return;
  await trx
    .selectFrom("referral_participants")
    .select("id")
    .where("id", "in", ids)
    .orderBy("id")
    .forUpdate()
    .execute();
}

/** `review`: flags without a decision, and appeals without one. */
export type FlagQueue = "review" | "upheld" | "dismissed";

/** What weighs more comes first, then the older one. */
export function listFlags(
  trx: ShopTransaction,
  { queue, after, limit }: { queue: FlagQueue; after?: FraudFlagId; limit: number },
): Promise<FraudFlagRow[]> {
  let query = trx
    .selectFrom("fraud_flags")
    .selectAll()
    .orderBy(weight("fraud_flags.severity"))
    .orderBy("id")
    .limit(limit);
  query =
    queue === "review"
      ? query.where((eb) =>
          eb.or([
            eb("state", "=", "open"),
            eb.and([eb("appealed_at", "is not", null), eb("appeal_decided_at", "is", null)]),
          ]),
        )
      : query.where("state", "=", queue);
  if (after === undefined) return query.execute();
  const place = sql`(select ${weight("last.severity")}, last.id from fraud_flags last where last.id = ${after})`;
  return query.where(sql<boolean>`(${weight("fraud_flags.severity")}, fraud_flags.id) > ${place}`).execute();
}

function weight(column: "fraud_flags.severity" | "last.severity") {
  return sql`array_position(array['high', 'medium', 'low'], ${sql.ref(column)})`;
}

/** A participant's own flags, newest first. */
export function listOwnFlags(
  trx: ShopTransaction,
  { participantId, limit }: { participantId: ParticipantId; limit: number },
): Promise<FraudFlagRow[]> {
  return trx
    .selectFrom("fraud_flags")
    .selectAll()
    .where("participant_id", "=", participantId)
    .orderBy("id", "desc")
    .limit(limit)
    .execute();
}

export function findOwnFlag(
  trx: ShopTransaction,
  { participantId, flagId }: { participantId: ParticipantId; flagId: FraudFlagId },
): Promise<FraudFlagRow | undefined> {
  return trx
    .selectFrom("fraud_flags")
    .selectAll()
    .where("participant_id", "=", participantId)
    .where("id", "=", flagId)
    .executeTakeFirst();
}

export type FlagDecision = { flagId: FraudFlagId; by: AccountId; reason: FraudReason; now: Date };
export type FlagResult =
  | { outcome: "decided"; state: FlagState }
  | { outcome: "refused"; reason: "unknown_flag" | "already_decided" | "related" | "same_person" };

/**
 * The flag is right: what the participant earned and was not paid is cancelled, and they earn no more. An appeal that
 * waits for an answer is refused by it. Whoever stands on the participant's line of the tree may not decide, nor about an
 * appeal whoever took the decision that it is against.
 */
export async function upholdFlag(trx: ShopTransaction, decision: FlagDecision): Promise<FlagResult> {
  const { flagId, now } = decision;
  const flag = await findDecidable(trx, decision);
  if ("outcome" in flag) return flag;
  const participantId = flag.participant_id;
  await recordDecision(trx, flag, { ...decision, state: "upheld" });
  if (flag.state === "open") {
    await trx
      .updateTable("referral_participants")
      .set({ state: "suspended" })
      .where("id", "=", participantId)
      .where("state", "=", "active")
      .execute();
    await cancelCommissions(trx, { participantId, flagId, now });
  }
  return { outcome: "decided", state: "upheld" };
}

/** The flag is wrong, or an appeal against it is granted: what it held goes on, what it took is given back. */
export async function dismissFlag(trx: ShopTransaction, decision: FlagDecision): Promise<FlagResult> {
  const { flagId, now } = decision;
  const flag = await findDecidable(trx, decision);
  if ("outcome" in flag) return flag;
  const participantId = flag.participant_id;
  await recordDecision(trx, flag, { ...decision, state: "dismissed" });
  if (flag.state === "upheld" && (await findUpheldFlag(trx, participantId)) === undefined) {
    await restoreCommissions(trx, { participantId, flagId, now });
    await liftSuspension(trx, participantId);
  }
  await releaseCommissions(trx, participantId);
  return { outcome: "decided", state: "dismissed" };
}

/** It answers an appeal that waits as well, and its participant gets a mail. */
async function recordDecision(
  trx: ShopTransaction,
  { id, appealed_at, participant_id: participantId }: FraudFlagRow,
  { state, by, reason, now }: FlagDecision & { state: "upheld" | "dismissed" },
): Promise<void> {
  const answered = appealed_at === null ? {} : { appeal_decided_at: now };
  await trx
    .updateTable("fraud_flags")
    .set({ state, decided_at: now, decided_by: by, ...answered })
    .where("id", "=", id)
    .execute();
  const decisionId = newId<string>();
  await trx
    .insertInto("fraud_decisions")
    .values({
      id: decisionId,
      flag_id: id,
      decision: state,
      reason,
      answers_appeal: appealed_at !== null,
      by_account: by,
      at: now,
    })
    .execute();
  const about = new Map([[participantId, decisionId]]);
  await mailParticipants(trx, { kind: "flag_decided", about, now });
}

/** The flag, with its participant held until commit; or why it cannot be decided. */
async function findDecidable(
  trx: ShopTransaction,
  { flagId, by }: FlagDecision,
): Promise<FraudFlagRow | Extract<FlagResult, { outcome: "refused" }>> {
  const named = await trx
    .selectFrom("fraud_flags")
    .select("participant_id")
    .where("id", "=", flagId)
    .executeTakeFirst();
  if (named === undefined) return { outcome: "refused", reason: "unknown_flag" };
  if (await isOnLineOf(trx, named.participant_id, by)) return { outcome: "refused", reason: "related" };
  await lockParticipants(trx, [named.participant_id]);
  const flag = await trx
    .selectFrom("fraud_flags")
    .selectAll()
    .where("id", "=", flagId)
    .forUpdate()
    .executeTakeFirstOrThrow();
  const hasOpenAppeal = flag.appealed_at !== null && flag.appeal_decided_at === null;
  if (flag.state === "open") return flag;
  if (flag.state !== "upheld" || !hasOpenAppeal) return { outcome: "refused", reason: "already_decided" };
  return flag.decided_by === by ? { outcome: "refused", reason: "same_person" } : flag;
}

/** The oldest one that is right: it keeps what it took, or what another one had taken before it. */
export async function findUpheldFlag(
  trx: ShopTransaction,
  participantId: ParticipantId,
): Promise<FraudFlagId | undefined> {
  const row = await trx
    .selectFrom("fraud_flags")
    .select("id")
    .where("participant_id", "=", participantId)
    .where("state", "=", "upheld")
    .orderBy("id")
    .limit(1)
    .executeTakeFirst();
  return row?.id;
}

async function liftSuspension(trx: ShopTransaction, participantId: ParticipantId): Promise<void> {
  await trx
    .updateTable("referral_participants")
    .set({ state: "active" })
    .where("id", "=", participantId)
    .where("state", "=", "suspended")
    .execute();
}

/**
 * One appeal a flag, before or after the decision. Safe to run twice: `appealId` is the request's own. Undefined: it is
 * not the participant's, was dismissed, or another appeal was made.
 */
export async function appealFlag(
  trx: ShopTransaction,
  appealed: {
    flagId: FraudFlagId;
    participantId: ParticipantId;
    appeal: Sealed;
    appealId: string;
    now: Date;
  },
): Promise<{ flag: FraudFlagRow; isNew: boolean } | undefined> {
  const made = await trx
    .updateTable("fraud_flags")
    .set({ appeal: appealed.appeal, appeal_id: appealed.appealId, appealed_at: appealed.now })
    .where("id", "=", appealed.flagId)
    .where("participant_id", "=", appealed.participantId)
    .where("state", "<>", "dismissed")
    .where("appealed_at", "is", null)
    .returningAll()
    .executeTakeFirst();
  if (made !== undefined) return { flag: made, isNew: true };
  const flag = await findOwnFlag(trx, appealed);
  return flag?.appeal_id === appealed.appealId ? { flag, isNew: false } : undefined;
}

export function appealPlace(participantId: ParticipantId, flagId: FraudFlagId): SealedPlace {
  const subjectId = participantId;
  return {
    shopId: platformShopId,
    subjectId,
    purpose: "referral",
    field: "fraud_flag.appeal",
    rowId: flagId,
  };
}
