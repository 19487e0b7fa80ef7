import type { AttestationKind } from "../domain/account/policies.ts";
import { newId } from "../domain/id.ts";
import type { AccountId, ShopId } from "../domain/id.ts";
import type { ShopTransaction } from "./connection.ts";

/** Append-only: each statement stays as it was given. */
export async function insertAttestations(
  trx: ShopTransaction,
  {
    shopId,
    accountId,
    versions,
    now,
  }: {
    shopId: ShopId;
    accountId: AccountId;
    versions: Readonly<Record<AttestationKind, string>>;
    now: Date;
  },
): Promise<void> {
  const rows = Object.entries(versions).map(([kind, version]) => ({
    shop_id: shopId,
    id: newId<string>(),
    account_id: accountId,
    kind: kind as AttestationKind, // the record's keys are all of them
    version,
    attested_at: now,
  }));
  await trx.insertInto("shop_attestations").values(rows).execute();
}

export type Attestation = { kind: AttestationKind; version: string; attestedAt: Date; accountId: AccountId };

/** Newest first. */
export function listAttestations(
  trx: ShopTransaction,
  { shopId, limit }: { shopId: ShopId; limit: number },
): Promise<Attestation[]> {
  return trx
    .selectFrom("shop_attestations")
    .where("shop_id", "=", shopId)
    .select(["kind", "version", "attested_at as attestedAt", "account_id as accountId"])
    .orderBy("attested_at", "desc")
    .orderBy("kind")
    .limit(limit)
    .execute();
}
