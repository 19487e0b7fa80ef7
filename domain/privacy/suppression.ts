import type { PageId, ShopId } from "../id.ts";
import type { BlindIndexer } from "../sealing.ts";

/** Another index of the same sender, made from the customer's: whoever has one of them cannot find the other. */
export function indexForSuppression(
  blindIndexer: BlindIndexer,
  { shopId, pageId, psidIndex }: { shopId: ShopId; pageId: PageId; psidIndex: Buffer },
): Promise<Buffer> {
  return blindIndexer.index(shopId, "suppression.sender", `${pageId}|${psidIndex.toString("hex")}`);
}
