import type { Context } from "hono";

import type { ShopTransaction } from "../../db/connection.ts";
import { hasPaidPlan } from "../../db/plan-payments.ts";
import { attributeReferral } from "../../db/referrals.ts";
import type { AttributionRefusal } from "../../db/referrals.ts";
import { listShopMates } from "../../db/system.ts";
import { AppError } from "../../domain/app-error.ts";
import type { AccountId } from "../../domain/id.ts";
import type { ApiEnv } from "../env.ts";
import { audit } from "./audit.ts";
import { noteSigns, readSigns } from "./referral-signs.ts";
import type { ReferralSigns } from "./referral-signs.ts";

export type NamedReferrer = {
  accountId: AccountId;
  code: string;
  shopMates: AccountId[];
  signs: ReferralSigns;
  now: Date;
};

/** What has to be known before the transaction. */
export async function readReferrer(
  c: Context<ApiEnv>,
  { accountId, code }: { accountId: AccountId; code: string },
): Promise<NamedReferrer> {
  const { deps } = c.var;
  const shopMates = await listShopMates(deps.system, accountId);
  return { accountId, code, shopMates, signs: await readSigns(c, accountId), now: deps.clock.now() };
}

/**
 * Whose code came with the first request for a plan has brought the account, for life; in the serialisable transaction
 * that makes the request. Throws `invalid` or `conflict` `referral.…`, and nothing is stored. Safe to run twice.
 */
export async function nameReferrer(
  trx: ShopTransaction,
  c: Context<ApiEnv>,
  { signs, ...named }: NamedReferrer,
): Promise<void> {
  // An owner who has not paid in person may be in a shop that has.
  if (await hasPaidPlan(trx, c.var.actor)) throw refusal("already_paid");
  const result = await attributeReferral(trx, { ...named, source: "first_upgrade" });
  if (result.outcome === "refused") throw refusal(result.reason);
  await noteSigns(trx, { ...named, signs });
  await audit(trx, c, { action: "referral.attributed", data: { source: "first_upgrade" } });
}

const explanations: Record<AttributionRefusal, string> = {
  unknown_code: "Nobody who takes part has this code.",
  self_referral: "This is your own code.",
  own_network: "You have brought the owner of this code yourself.",
  own_shop: "The owner of this code is in a shop of yours.",
  already_attributed: "Somebody has brought you already.",
  already_paid: "A code counts with the first plan only.",
};

function refusal(reason: AttributionRefusal): AppError {
  const message = explanations[reason];
  const said = { internal: `the attribution is refused: ${reason}`, public: message };
  const isMovedOn = reason === "already_attributed" || reason === "already_paid";
  return isMovedOn
    ? new AppError("conflict", `referral.${reason}`, said)
    : new AppError("invalid", `referral.${reason}`, {
        ...said,
        errors: [{ pointer: "/referralCode", message }],
      });
}
