import { sql } from "kysely";

import type { PolicyVersion } from "../domain/account/policy-version.ts";
import type { AccountId } from "../domain/id.ts";
import { platformShopId } from "./accounts.ts";
import { asAdmin } from "./admin-database.ts";
import type { AdminDatabase } from "./admin-database.ts";
import { appendAudit } from "./audit-events.ts";
import type { ShopTransaction } from "./connection.ts";

/** All that were ever published, newest first; a handful. */
export async function listPolicyVersions(trx: ShopTransaction): Promise<PolicyVersion[]> {
  return trx
    .selectFrom("policy_versions")
    .select([
      "policy",
      "version",
      "wording as text",
      "wording_hash as hash",
      "summary",
      "is_material as isMaterial",
      "published_at as publishedAt",
      "effective_at as effectiveAt",
    ])
    .orderBy("effective_at", "desc")
    .execute();
}

type Publishing<Verdict> = {
  version: PolicyVersion;
  by: AccountId;
  judge(published: PolicyVersion[]): Verdict;
};

/** Publishes what `judge` finds fit beside all that was published before, one at a time; answers what it found. */
export function publishPolicyVersion<Verdict extends string>(
  admin: AdminDatabase,
  { version: row, by, judge }: Publishing<Verdict>,
): Promise<Verdict> {
  return asAdmin(admin, async (trx) => {
    await sql`select pg_advisory_xact_lock(hashtext('policy_versions'))`.execute(trx);
    const verdict = judge(await listPolicyVersions(trx));
    if (verdict !== "fits") return verdict;
    await trx
      .insertInto("policy_versions")
      .values({
        policy: row.policy,
        version: row.version,
        wording: JSON.stringify(row.text),
        wording_hash: row.hash,
        summary: JSON.stringify(row.summary),
        is_material: row.isMaterial,
        published_at: row.publishedAt,
        effective_at: row.effectiveAt,
        published_by: by,
      })
      .execute();
    await appendAudit(trx, {
      shopId: platformShopId,
      actorKind: "admin",
      actorId: by,
      action: "policy.published",
      data: { policy: row.policy, version: row.version, isMaterial: row.isMaterial },
      now: row.publishedAt,
    });
    return verdict;
  });
}

type PolicyNotice = Pick<PolicyVersion, "policy" | "version"> & { accountId: AccountId; now: Date };

/** False: the account was told before. */
export async function notePolicyNotice(
  trx: ShopTransaction,
  { policy, version, accountId, now }: PolicyNotice,
): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await trx
    .insertInto("policy_notices")
    .values({ policy, version, account_id: accountId, told_at: now })
    .onConflict((conflict) => conflict.columns(["policy", "version", "account_id"]).doNothing())
    .executeTakeFirst();
  return (numInsertedOrUpdatedRows ?? 0n) > 0n;
}
