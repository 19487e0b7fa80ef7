import { isElsewhere, isHumanMode } from "../../db/conversations.ts";
import type { ConversationRow } from "../../db/conversations.ts";
import type { ShopTransaction } from "../../db/connection.ts";
import { findProcessingLimits } from "../../db/processing-limits.ts";
import { listShopPurposes } from "../../db/shop-purposes.ts";
import { getShop } from "../../db/shops.ts";
import type { ShopRow } from "../../db/shops.ts";
import { getService } from "../../db/subscriptions.ts";
import type { CustomerId, ShopId } from "../../domain/id.ts";

/** What of a conversation is the agent's to answer. */
export type AgentShare = {
  /** A person has the conversation, or another app. */
  isHuman: boolean;
  /**
   * No machine may answer, since the customer wants none or the shop rests talking to its customers on nothing: a person of
   * the shop answers, who is told.
   */
  isHumanOnly: boolean;
  /** The shop rests orders and payments on something. */
  takesOrders: boolean;
  /** Switched on, not silent for a plan that is over, and not without credits since the customer was told so. */
  isAgentOn: boolean;
  /** The shop's plan pays for the model; without it a turn is as one without credits. */
  mayAskModel: boolean;
  /** Words are left to somebody else; pictures and taps are handled whoever speaks. */
  isQuiet: boolean;
  /** Words up to then were left to somebody else, and stay so. */
  after: Date | null;
};

type Ref = { shopId: ShopId; customerId: CustomerId };

export async function readAgentShare(
  trx: ShopTransaction,
  { shopId, customerId }: Ref,
  { conversation, now }: { conversation: ConversationRow; now: Date },
): Promise<{ shop: ShopRow; share: AgentShare }> {
  const shop = await getShop(trx, { shopId });
  const service = await getService(trx, { shopId });
  const limits = await findProcessingLimits(trx, { shopId, subjectId: customerId });
  const purposes = await listShopPurposes(trx, { shopId });
  const refused = new Set(purposes.flatMap(({ purpose, basis }) => (basis === null ? [purpose] : [])));
  const isHuman = isHumanMode(conversation, now) || isElsewhere(conversation);
  const isHumanOnly = limits.has("no_ai") || refused.has("conversation");
  const isSwitchedOn = shop.is_agent_enabled && conversation.is_agent_enabled && service.service !== "silent";
  const isAgentOn = isSwitchedOn && conversation.credits_short_at === null && !isHumanOnly;
  const share = {
    isHuman,
    isHumanOnly,
    takesOrders: !refused.has("order") && !refused.has("payment"),
    isAgentOn,
    mayAskModel: service.service === "full",
    isQuiet: isHuman || !isAgentOn,
    after: latest(conversation.standby_at, conversation.agent_from, shop.agent_from, service.servedFrom),
  };
  return { shop, share };
}

function latest(...times: (Date | null)[]): Date | null {
  return times.reduce(
    (left, right) => (left === null || (right !== null && right > left) ? right : left),
    null,
  );
}
