import type { ShopId, SubjectId } from "../id.ts";

export type PackageRequest = {
  version: 1;
  shopId: ShopId;
  /** The one person of whom it is. */
  subjectId: SubjectId;
  kind: "disclosure";
  /** One package, however often it is asked for. */
  requestId: string;
};

/** Makes a sealed, expiring object of what the inventory has of one person; its id is the answer. */
export type BuildPackage = (request: PackageRequest) => Promise<{ packageId: string }>;
