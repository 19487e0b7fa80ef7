import { AppError } from "../domain/app-error.ts";
import { defaultReferralPolicy, isReferralPolicy } from "../domain/referral/policy.ts";
import type { ReferralPolicy } from "../domain/referral/policy.ts";
import type { ShopTransaction } from "./connection.ts";

/** The policy that was valid at the time; the default before the first one. */
export async function findReferralPolicy(trx: ShopTransaction, at: Date): Promise<ReferralPolicy> {
  const row = await trx
    .selectFrom("referral_policies")
    .select("policy")
    .where("valid_from", "<=", at)
    .orderBy("valid_from", "desc")
    .orderBy("version", "desc")
    .limit(1)
    .executeTakeFirst();
  return row?.policy ?? defaultReferralPolicy;
}

/** For payments from then on. Throws `invalid` when no payment could be reckoned by it, `conflict` when another was faster. */
export async function addReferralPolicy(
  trx: ShopTransaction,
  { policy, validFrom }: { policy: ReferralPolicy; validFrom: Date },
): Promise<number> {
  if (!isReferralPolicy(policy)) {
    throw new AppError("invalid", "referral.bad_policy", { internal: "rates or spans out of range" });
  }
  const { last } = await trx
    .selectFrom("referral_policies")
    .select((eb) => eb.fn.coalesce(eb.fn.max("version"), eb.val(0)).as("last"))
    .executeTakeFirstOrThrow();
  const row = await trx
    .insertInto("referral_policies")
    .values({ version: last + 1, policy: JSON.stringify(policy), valid_from: validFrom })
    .onConflict((conflict) => conflict.column("version").doNothing())
    .returning("version")
    .executeTakeFirst();
  if (row !== undefined) return row.version;
  throw new AppError("conflict", "referral.policy_changed", { internal: `version ${last + 1} is taken` });
}
