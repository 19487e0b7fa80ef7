import type { AccountId, ParticipantId, ReferralApplicationId } from "../domain/id.ts";
import type { ApplicationState, RejectReason } from "../domain/referral/application.ts";
import { platformShopId } from "./accounts.ts";
import { asAdmin } from "./admin-database.ts";
import type { AdminDatabase } from "./admin-database.ts";
import { appendAudit } from "./audit-events.ts";
import type { ShopTransaction } from "./connection.ts";
import { queueMail } from "./mails.ts";
import type { ReferralApplicationRow } from "./referral-applications.ts";
import { isOnLineOf } from "./referrals.ts";

/** Of all applicants in one state, who waits longest first. */
export function listApplications(
  admin: AdminDatabase,
  { state, after, limit }: { state: ApplicationState; after?: ReferralApplicationId; limit: number },
): Promise<ReferralApplicationRow[]> {
  return asAdmin(admin, (trx) => {
    let query = trx
      .selectFrom("referral_applications")
      .selectAll()
      .where("state", "=", state)
      .orderBy("id")
      .limit(limit);
    if (after !== undefined) query = query.where("id", ">", after);
    return query.execute();
  });
}

export function findApplicationOfAny(
  admin: AdminDatabase,
  applicationId: ReferralApplicationId,
): Promise<ReferralApplicationRow | undefined> {
  return asAdmin(admin, (trx) =>
    trx.selectFrom("referral_applications").selectAll().where("id", "=", applicationId).executeTakeFirst(),
  );
}

type Decision = {
  applicationId: ReferralApplicationId;
  /** Null approves. */
  reason: RejectReason | null;
  by: AccountId;
  now: Date;
};

export type ApplicationResult =
  | { outcome: "decided" }
  | { outcome: "refused"; reason: "unknown" | "already_decided" | "related" };

/**
 * Approves or rejects it, tells the applicant by mail, and writes it down. Safe to run twice: the same word of the same
 * admin is answered as decided.
 */
export function decideApplication(admin: AdminDatabase, decision: Decision): Promise<ApplicationResult> {
  return asAdmin(admin, async (trx) => {
    const { applicationId, reason, by, now } = decision;
    const applicant = await findApplicant(trx, applicationId);
    if (applicant === undefined) return { outcome: "refused", reason: "unknown" };
    const { accountId, participantId } = applicant;
    if (await isOnLineOf(trx, participantId, by)) return { outcome: "refused", reason: "related" };
    const state = reason === null ? "approved" : "rejected";
    const won = await trx
      .updateTable("referral_applications")
      .set({ state, reason, decided_at: now, decided_by: by })
      .where("id", "=", applicationId)
      .where("state", "=", "submitted")
      .returningAll()
      .executeTakeFirst();
    if (won === undefined) return answerLate(trx, decision);
    await tellApplicant(trx, { accountId, applicationId, now });
    await appendAudit(trx, {
      shopId: platformShopId,
      actorKind: "admin",
      actorId: by,
      action: `referral_application.${state}`,
      subjectId: won.participant_id,
      resourceId: applicationId,
      data: reason === null ? {} : { reason },
      now,
    });
    return { outcome: "decided" };
  });
}

function findApplicant(
  trx: ShopTransaction,
  applicationId: ReferralApplicationId,
): Promise<{ accountId: AccountId | null; participantId: ParticipantId } | undefined> {
  return trx
    .selectFrom("referral_applications")
    .innerJoin("referral_participants", "referral_participants.id", "referral_applications.participant_id")
    .where("referral_applications.id", "=", applicationId)
    .select(["account_id as accountId", "participant_id as participantId"])
    .executeTakeFirst();
}

async function answerLate(
  trx: ShopTransaction,
  { applicationId, reason, by }: Decision,
): Promise<ApplicationResult> {
  const row = await trx
    .selectFrom("referral_applications")
    .select(["state", "reason", "decided_by"])
    .where("id", "=", applicationId)
    .executeTakeFirst();
  const isSame = row?.state !== "submitted" && row?.reason === reason && row.decided_by === by;
  return isSame ? { outcome: "decided" } : { outcome: "refused", reason: "already_decided" };
}

async function tellApplicant(
  trx: ShopTransaction,
  told: { accountId: AccountId | null; applicationId: ReferralApplicationId; now: Date },
): Promise<void> {
  const { accountId, applicationId, now } = told;
  if (accountId === null) return;
  const { language } = await trx
    .selectFrom("accounts")
    .select("language")
    .where("id", "=", accountId)
    .executeTakeFirstOrThrow();
  const businessKey = `application_decided:${applicationId}`;
  await queueMail(trx, { accountId, kind: "application_decided", businessKey, data: {}, language, now });
}
