import { randomInt } from "node:crypto";
import type { Context } from "hono";

import { platformShopId } from "../../db/accounts.ts";
import { appendAudit } from "../../db/audit-events.ts";
import type { ShopTransaction } from "../../db/connection.ts";
import { lockParticipants } from "../../db/fraud-flags.ts";
import { findApplication, submitApplication } from "../../db/referral-applications.ts";
import { findParticipant, joinReferral } from "../../db/referrals.ts";
import type { ParticipantRow } from "../../db/referrals.ts";
import { AppError } from "../../domain/app-error.ts";
import { newId } from "../../domain/id.ts";
import type { AccountId, ParticipantId } from "../../domain/id.ts";
import { reapplyFrom } from "../../domain/referral/application.ts";
import { newReferralCode } from "../../domain/referral/code.ts";
import { referralTermsVersion } from "../../domain/referral/policy.ts";
import { startOverWhenEpochCloses } from "../../domain/start-over.ts";
import type { ApiEnv } from "../env.ts";
import { noteSigns, readSigns } from "./referral-signs.ts";

type Applying = { accountId: AccountId; termsVersion: number };

/**
 * Accepts the terms and applies, once: who takes part, or waits, stays as they are. Throws `conflict`
 * `referral.other_terms`, and `referral.rejected_lately` for whoever was rejected and may apply again later.
 */
export async function applyForReferral(c: Context<ApiEnv>, applying: Applying): Promise<void> {
  const { accountId, termsVersion } = applying;
  if (termsVersion !== referralTermsVersion) throw otherTerms();
  const row = await c.var.deps.db.withoutShop((trx) => findParticipant(trx, accountId));
  if (row === undefined || row.joined_at === null)
    return startOverWhenEpochCloses(() => join(c, { ...applying, row }));
  return applyAgain(c, { ...applying, participantId: row.id });
}

/** Keys are made for the place in the tree that there is; who meets another one by then looks again. */
async function join(
  c: Context<ApiEnv>,
  { accountId, row, termsVersion }: Applying & { row: ParticipantRow | undefined },
): Promise<void> {
  const { deps } = c.var;
  const participantId = row?.id ?? newId<ParticipantId>();
  const subject = { shopId: platformShopId, subjectId: participantId, kind: "participant" } as const;
  const keys = await deps.sealer.makeKeys([subject]);
  const signs = await readSigns(c, accountId);
  const now = deps.clock.now();
  const joining = { accountId, participantId, code: newReferralCode(randomInt), termsVersion, keys, now };
  const joined = await deps.db.withShop(platformShopId, async (trx) => {
    const joined = await joinReferral(trx, joining);
    if (joined === undefined) return undefined;
    await noteSigns(trx, { accountId, signs, now });
    await submit(trx, { accountId, participantId, termsVersion, now });
    return joined;
  });
  if (joined !== undefined) return;
  deps.sealer.forget(participantId);
  const met = await deps.db.withoutShop((trx) => findParticipant(trx, accountId));
  if (met !== undefined && met.joined_at === null) await join(c, { accountId, row: met, termsVersion });
}

/** Two at once are one after the other: the second meets the application of the first. */
async function applyAgain(
  c: Context<ApiEnv>,
  { accountId, participantId, termsVersion }: Applying & { participantId: ParticipantId },
): Promise<void> {
  const { db, clock } = c.var.deps;
  const signs = await readSigns(c, accountId);
  const now = clock.now();
  await db.withShop(platformShopId, async (trx) => {
    await lockParticipants(trx, [participantId]);
    const last = await findApplication(trx, participantId);
    if (last?.state !== "rejected" || last.decided_at === null) return;
    const from = reapplyFrom(last.decided_at);
    if (now < from) throw rejectedLately(from);
    await noteSigns(trx, { accountId, signs, now });
    await submit(trx, { accountId, participantId, termsVersion, now });
  });
}

async function submit(
  trx: ShopTransaction,
  applying: Applying & { participantId: ParticipantId; now: Date },
): Promise<void> {
  const { accountId, participantId, termsVersion, now } = applying;
  const { id, state } = await submitApplication(trx, applying);
  await appendAudit(trx, {
    shopId: platformShopId,
    actorKind: "owner",
    actorId: accountId,
    action: "referral.joined",
    subjectId: participantId,
    resourceId: id,
    data: { termsVersion, state },
    now,
  });
}

function otherTerms(): AppError {
  return new AppError("conflict", "referral.other_terms", {
    internal: "not the terms that are valid",
    public: "Other terms are valid now: read them, and accept their version.",
  });
}

function rejectedLately(from: Date): AppError {
  return new AppError("conflict", "referral.rejected_lately", {
    internal: `rejected; again from ${from.toISOString()}`,
    public: "Your application was rejected. You can apply again later: see `application.reapplyFrom`.",
  });
}
