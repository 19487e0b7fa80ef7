import type { Selectable } from "kysely";

import type { PrivacyRequestId, ShopId } from "../domain/id.ts";
import type { ShopTransaction } from "./connection.ts";
import type { CertificateKeysTable, CertificatesTable } from "./schema/erasure.ts";

export type CertificateRow = Selectable<CertificatesTable>;
export type CertificateKeyRow = Selectable<CertificateKeysTable>;

/** Each revision once. */
export async function insertCertificate(trx: ShopTransaction, certificate: CertificateRow): Promise<void> {
  await trx.insertInto("certificates").values(certificate).execute();
}

/** The newest revision. */
export async function findCertificate(
  trx: ShopTransaction,
  { shopId, requestId }: { shopId: ShopId; requestId: PrivacyRequestId },
): Promise<CertificateRow | undefined> {
  return trx
    .selectFrom("certificates")
    .selectAll()
    .where("shop_id", "=", shopId)
    .where("request_id", "=", requestId)
    .orderBy("revision", "desc")
    .limit(1)
    .executeTakeFirst();
}

/** Published before it signs anything, so that whoever has a certificate finds its key. */
export async function publishCertificateKey(
  trx: ShopTransaction,
  { keyId, publicKey, now }: { keyId: string; publicKey: Buffer; now: Date },
): Promise<void> {
  await trx
    .insertInto("certificate_keys")
    .values({ id: keyId, public_key: publicKey, created_at: now })
    .onConflict((conflict) => conflict.column("id").doNothing())
    .execute();
}

export async function listCertificateKeys(trx: ShopTransaction): Promise<CertificateKeyRow[]> {
  return trx.selectFrom("certificate_keys").selectAll().orderBy("created_at").orderBy("id").execute();
}
