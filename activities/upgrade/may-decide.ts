import { isMember } from "../../db/memberships.ts";
import type { ShopTransaction } from "../../db/connection.ts";
import { isRelated } from "../../db/referrals.ts";
import type { UpgradeRequestRow } from "../../db/upgrade-requests.ts";
import type { AccountId } from "../../domain/id.ts";

/**
 * The one place that says which admin may not decide about a request, or about its payment: a code, or null where nothing
 * stands against it.
 */
export async function whyNotDecide(
  trx: ShopTransaction,
  { shop_id: shopId, requested_by: requestedBy }: Pick<UpgradeRequestRow, "shop_id" | "requested_by">,
  adminId: AccountId | null,
): Promise<string | null> {
  if (adminId === null) return "upgrade.no_person";
  if (adminId === requestedBy) return "upgrade.own_request";
  if (await isMember(trx, { shopId, accountId: adminId })) return "upgrade.own_shop";
  if (await isRelated(trx, adminId, requestedBy)) return "upgrade.related";
  return null;
}
