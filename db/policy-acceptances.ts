import { sql } from "kysely";

import { policyNames, wordingHash } from "../domain/account/policies.ts";
import type { PolicyName } from "../domain/account/policies.ts";
import type { AccountId } from "../domain/id.ts";
import type { ShopTransaction } from "./connection.ts";

/** Of the current wording. Append-only: the first acceptance of a version is the one that counts. */
export async function insertPolicyAcceptances(
  trx: ShopTransaction,
  {
    accountId,
    versions,
    now,
  }: { accountId: AccountId; versions: Readonly<Record<PolicyName, string>>; now: Date },
): Promise<void> {
  const rows = policyNames.map((policy) => ({
    account_id: accountId,
    policy,
    version: versions[policy],
    accepted_at: now,
    wording_hash: wordingHash(policy),
  }));
  await trx
    .insertInto("policy_acceptances")
    .values(rows)
    .onConflict((conflict) => conflict.columns(["account_id", "policy", "version"]).doNothing())
    .execute();
}

export type PolicyAcceptance = { policy: PolicyName; version: string; acceptedAt: Date };

/** Newest first. */
export function listPolicyAcceptances(
  trx: ShopTransaction,
  accountId: AccountId,
): Promise<PolicyAcceptance[]> {
  return trx
    .selectFrom("policy_acceptances")
    .where("account_id", "=", accountId)
    .orderBy("accepted_at", "desc")
    .orderBy("policy")
    .select(["policy", "version", "accepted_at as acceptedAt"])
    .execute();
}

/** Of an account whose address nobody proved; of any other the database keeps them. */
export async function forgetAcceptances(trx: ShopTransaction, accountId: AccountId): Promise<void> {
  await sql`select forget_acceptances(${accountId})`.execute(trx);
}
