import { attestationKinds } from "../domain/account/policies.ts";
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

/** Whether an owner has ever stated all that a shop must before it goes live; the reminder of each year is another matter. */
export async function hasAttested(trx: ShopTransaction, { shopId }: { shopId: ShopId }): Promise<boolean> {
  const kinds = await trx
    .selectFrom("shop_attestations")
    .where("shop_id", "=", shopId)
    .select("kind")
    .distinct()
    .execute();
  return kinds.length === attestationKinds.length;
}
