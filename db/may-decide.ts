import type { AccountId } from "../domain/id.ts";
import type { ShopTransaction } from "./connection.ts";
import { isMember } from "./memberships.ts";
import { isRelated } from "./referrals.ts";
import type { UpgradeRequestRow } from "./upgrade-requests.ts";

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
