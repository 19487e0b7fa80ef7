import type { ObjectId, PrivacyPackageId, ShopId, SubjectId } from "../../domain/id.ts";
import type { PackageKind } from "../../domain/privacy/package.ts";
import type { Purpose } from "../../domain/sealing.ts";
import type { Count, Optional, SealedColumn } from "./columns.ts";

export interface PrivacyPackagesTable {
  shop_id: ShopId;
  id: PrivacyPackageId;
  subject_id: SubjectId;
  /** Of the request that asked for it: one of each kind a request. */
  request_id: string;
  kind: PackageKind;
  /** Under which of the subject's keys its pieces and its code are sealed. */
  purpose: Purpose;
  /** The code of its link, for whoever tells the person of it. */
  token: SealedColumn;
  token_hash: Buffer;
  /** In bytes, of the archive. */
  size: number;
  created_at: Date;
  expires_at: Date;
  downloads: Count;
  last_download_at: Optional<Date>;
}

/** The pieces of the archive, in their order. Their bytes are noted as loose, due when the package ends. */
export interface PrivacyPackagePartsTable {
  shop_id: ShopId;
  package_id: PrivacyPackageId;
  position: number;
  object_id: ObjectId;
  sealed_key: SealedColumn;
  size: number;
}
