import { sql } from "kysely";
import type { Selectable } from "kysely";

import { newId } from "../domain/id.ts";
import type { AccountId, ParticipantId, ReferralApplicationId } from "../domain/id.ts";
import { judgeApplication } from "../domain/referral/application.ts";
import type { ShopTransaction } from "./connection.ts";
import type { ReferralApplicationsTable } from "./schema/referral.ts";
import { isSuspended } from "./suspended-participants.ts";

export type ReferralApplicationRow = Selectable<ReferralApplicationsTable>;

/**
 * Accepts the terms and asks to take part. Approved at once where nothing asks for a person, in the transaction that has
 * kept the applicant's signs.
 */
export async function submitApplication(
  trx: ShopTransaction,
  applying: { accountId: AccountId; participantId: ParticipantId; termsVersion: number; now: Date },
): Promise<ReferralApplicationRow> {
  const { participantId, termsVersion, now } = applying;
  const { hasOwnFlag, alikeIds } = await readFacts(trx, applying);
  const findings = judgeApplication({ hasOwnFlag, isLikeHeld: alikeIds.length > 0 });
  const isApproved = findings.length === 0;
  return trx
    .insertInto("referral_applications")
    .values({
      id: newId<ReferralApplicationId>(),
      participant_id: participantId,
      terms_version: termsVersion,
      state: isApproved ? "approved" : "submitted",
      findings,
      alike_ids: alikeIds,
      submitted_at: now,
      decided_at: isApproved ? now : null,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** `alikeIds`: suspended, or held by a flag, and with a sign of the applicant's. */
async function readFacts(
  trx: ShopTransaction,
  { accountId, participantId }: { accountId: AccountId; participantId: ParticipantId },
): Promise<{ hasOwnFlag: boolean; alikeIds: ParticipantId[] }> {
  const { rows } = await sql<{ hasOwnFlag: boolean; alikeIds: ParticipantId[] }>`
    select exists (select from fraud_flags
        where participant_id = ${participantId} and state <> 'dismissed') as "hasOwnFlag",
      array(select distinct p.id from referral_signals own
        join referral_signals other on other.kind = own.kind and other.index = own.index
        join referral_participants p on p.account_id = other.account_id and p.id <> ${participantId}
        where own.account_id = ${accountId} and (${isSuspended("p")} or exists (
          select from fraud_flags f where f.participant_id = p.id and f.state = 'open' and f.severity = 'high'))
        order by p.id) as "alikeIds"`.execute(trx);
  const [facts] = rows;
  if (facts === undefined) throw new TypeError("a select without a table has one row");
  return facts;
}

/** The newest one, which counts. Undefined: there is none, or the owner joined before there were any. */
export function findApplication(
  trx: ShopTransaction,
  participantId: ParticipantId,
): Promise<ReferralApplicationRow | undefined> {
  return trx
    .selectFrom("referral_applications")
    .selectAll()
    .where("participant_id", "=", participantId)
    .orderBy("id", "desc")
    .limit(1)
    .executeTakeFirst();
}

/** Nobody stands against it, and no application waits. */
export function isAdmitted(participant: "referral_participants.id") {
  return sql<boolean>`coalesce((select a.state from referral_applications a
    where a.participant_id = ${sql.ref(participant)} order by a.id desc limit 1), 'approved') = 'approved'`;
}
