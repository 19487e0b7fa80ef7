import type { ShopTransaction } from "../../db/connection.ts";
import { lockConversation } from "../../db/conversations.ts";
import { isTakenBack } from "../../db/deletions.ts";
import type { OpenedMessage } from "./opened-message.ts";

type MessageRef = Pick<OpenedMessage, "shop_id" | "customer_id" | "mid_hash">;

/**
 * Takes the conversation's lock and answers whether anything more of these messages may be kept: not of a person who is
 * being erased or is frozen, and nothing that was taken back. Both hold until commit.
 */
export async function mayKeep(trx: ShopTransaction, messages: readonly MessageRef[]): Promise<boolean> {
  const [first] = messages;
  if (!first) return false;
  const ref = { shopId: first.shop_id, customerId: first.customer_id };
  const { subject_state: state } = await lockConversation(trx, ref);
  if (state !== "active") return false;
  return !(await isTakenBack(trx, { ...ref, midHashes: messages.map(({ mid_hash: hash }) => hash) }));
}
