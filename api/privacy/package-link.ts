import { findPackageOf, packageTokenPlace } from "../../db/privacy-packages.ts";
import type { PrivacyRequestId, ShopId } from "../../domain/id.ts";
import type { PrivacyKind } from "../../domain/privacy/privacy-request.ts";
import type { ApiDeps } from "../deps.ts";

export type PackageLink = { url: string; expiresAt: Date };

/**
 * Where the copy that a request asked for waits; null: none was made, its time is over, or the person is erased. The code is
 * in the row alone, sealed under the person's key.
 */
export async function packageLinkOf(
  { db, sealer, clock, settings }: ApiDeps,
  { shopId, requestId, kind }: { shopId: ShopId; requestId: PrivacyRequestId; kind: PrivacyKind },
): Promise<PackageLink | null> {
  if (kind !== "access" && kind !== "portability") return null;
  const row = await db.withShop(shopId, (trx) => findPackageOf(trx, { shopId, requestId, kind }));
  if (row === undefined || row.expires_at <= clock.now()) return null;
  const holder = { shopId, subjectId: row.subject_id, purpose: row.purpose };
  const [code] = await sealer.open([{ place: packageTokenPlace(holder, row.id), sealed: row.token }]);
  if (code === undefined) return null;
  return {
    url: `${settings.publicUrl}/v1/privacy-packages/${code.toString("utf8")}`,
    expiresAt: row.expires_at,
  };
}
