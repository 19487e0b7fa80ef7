import { sql } from "kysely";

import type { PoliciesInForce } from "../domain/account/policy-version.ts";
import type { PolicyName } from "../domain/account/policies.ts";
import type { AccountId } from "../domain/id.ts";
import type { ShopTransaction } from "./connection.ts";

type Acceptance = {
  accountId: AccountId;
  policies: readonly PolicyName[];
  inForce: PoliciesInForce;
  how: "explicit" | "by_use";
  now: Date;
};

/** Of the wordings in force. Append-only: the first acceptance of a version is the one that counts. */
export async function insertPolicyAcceptances(
  trx: ShopTransaction,
  { accountId, policies, inForce, how, now }: Acceptance,
): Promise<void> {
  const rows = policies.map((policy) => ({
    account_id: accountId,
    policy,
    version: inForce[policy].version,
    accepted_at: now,
    wording_hash: inForce[policy].hash,
    how,
  }));
  await trx
    .insertInto("policy_acceptances")
    .values(rows)
    .onConflict((conflict) => conflict.columns(["account_id", "policy", "version"]).doNothing())
    .execute();
}

export type PolicyAcceptance = Pick<Acceptance, "how"> & {
  policy: PolicyName;
  version: string;
  acceptedAt: Date;
};

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
    .select(["policy", "version", "how", "accepted_at as acceptedAt"])
    .execute();
}

/** Of an account whose address nobody proved; of any other the database keeps them. */
export async function forgetAcceptances(trx: ShopTransaction, accountId: AccountId): Promise<void> {
  await sql`select forget_acceptances(${accountId})`.execute(trx);
}
