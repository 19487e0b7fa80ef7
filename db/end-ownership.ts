import type { AccountId, ShopId } from "../domain/id.ts";
import { revokeKeysOf } from "./api-keys.ts";
import type { ShopTransaction } from "./connection.ts";
import { revokeInvitationsOf } from "./invitations.ts";

/** What somebody handed out as an owner ends with the ownership: keys, and invitations that nobody took yet. */
export async function endOwnership(
  trx: ShopTransaction,
  ref: { shopId: ShopId; accountId: AccountId; now: Date },
): Promise<void> {
  await revokeKeysOf(trx, ref);
  await revokeInvitationsOf(trx, ref);
}
