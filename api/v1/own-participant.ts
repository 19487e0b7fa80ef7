import type { Context } from "hono";

import { findParticipant } from "../../db/referrals.ts";
import type { ParticipantRow } from "../../db/referrals.ts";
import { AppError } from "../../domain/app-error.ts";
import type { AccountId } from "../../domain/id.ts";
import type { ApiEnv } from "../env.ts";

/** The referral is a person's, whichever of their shops they are in. */
export function ownAccount(c: Context<ApiEnv>): AccountId {
  const { accountId } = c.var.actor;
  if (accountId !== null) return accountId;
  throw new AppError("forbidden", "referral.needs_account", {
    internal: "an API key has no referral",
    public: "The referral belongs to people: sign in with an account.",
  });
}

/** Throws `conflict` `referral.not_joined` for whoever has not accepted the terms. */
export async function getParticipant(c: Context<ApiEnv>): Promise<ParticipantRow> {
  const accountId = ownAccount(c);
  const row = await c.var.deps.db.withoutShop((trx) => findParticipant(trx, accountId));
  if (row !== undefined && row.joined_at !== null) return row;
  throw new AppError("conflict", "referral.not_joined", {
    internal: "no participant",
    public: "Join the referral first.",
  });
}
