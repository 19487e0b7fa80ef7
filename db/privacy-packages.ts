import type { Selectable } from "kysely";

import type { ObjectId, PrivacyPackageId, ShopId } from "../domain/id.ts";
import type { PackageKind } from "../domain/privacy/package.ts";
import type { Purpose, Sealed, SealedPlace } from "../domain/sealing.ts";
import type { SubjectId } from "../domain/id.ts";
import type { ShopTransaction } from "./connection.ts";
import type { PrivacyPackagePartsTable, PrivacyPackagesTable } from "./schema/privacy-packages.ts";

export type PackageRow = Selectable<PrivacyPackagesTable>;
export type PackagePartRow = Selectable<PrivacyPackagePartsTable>;

type Holder = { shopId: ShopId; subjectId: SubjectId; purpose: Purpose };

/** Where the code of a package's link is sealed. */
export function packageTokenPlace(holder: Holder, packageId: PrivacyPackageId): SealedPlace {
  return { ...holder, field: "privacy_package.token", rowId: packageId };
}

/** Where the key of a piece is sealed. */
export function packagePartPlace(holder: Holder, objectId: ObjectId): SealedPlace {
  return { ...holder, field: "privacy_package_part.key", rowId: objectId };
}

export type NewPackage = Omit<PackageRow, "downloads" | "last_download_at">;
export type NewPart = { objectId: ObjectId; sealedKey: Sealed; size: number };

/** Safe to run twice: false, and nothing written, when the request has its package of that kind. */
export async function insertPackage(
  trx: ShopTransaction,
  row: NewPackage,
  parts: readonly NewPart[],
): Promise<boolean> {
  const result = await trx
    .insertInto("privacy_packages")
    .values(row)
    .onConflict((conflict) => conflict.columns(["shop_id", "request_id", "kind"]).doNothing())
    .executeTakeFirst();
  if (result.numInsertedOrUpdatedRows !== 1n) return false;
  await trx
    .insertInto("privacy_package_parts")
    .values(
      parts.map(({ objectId, sealedKey, size }, position) => ({
        shop_id: row.shop_id,
        package_id: row.id,
        position,
        object_id: objectId,
        sealed_key: sealedKey,
        size,
      })),
    )
    .execute();
  return true;
}

export function findPackageOf(
  trx: ShopTransaction,
  { shopId, requestId, kind }: { shopId: ShopId; requestId: string; kind: PackageKind },
): Promise<PackageRow | undefined> {
  return trx
    .selectFrom("privacy_packages")
    .selectAll()
    .where("shop_id", "=", shopId)
    .where("request_id", "=", requestId)
    .where("kind", "=", kind)
    .executeTakeFirst();
}

type PackageRef = { shopId: ShopId; packageId: PrivacyPackageId };

/** Counts a download. Undefined: its time is over. */
export function countDownload(
  trx: ShopTransaction,
  { shopId, packageId, now }: PackageRef & { now: Date },
): Promise<PackageRow | undefined> {
  return trx
    .updateTable("privacy_packages")
    .set((eb) => ({ downloads: eb("downloads", "+", 1), last_download_at: now }))
    .where("shop_id", "=", shopId)
    .where("id", "=", packageId)
    .where("expires_at", ">", now)
    .returningAll()
    .executeTakeFirst();
}

export function listPackageParts(
  trx: ShopTransaction,
  { shopId, packageId }: PackageRef,
): Promise<PackagePartRow[]> {
  return trx
    .selectFrom("privacy_package_parts")
    .selectAll()
    .where("shop_id", "=", shopId)
    .where("package_id", "=", packageId)
    .orderBy("position")
    .execute();
}
