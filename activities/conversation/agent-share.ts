import { isElsewhere, isHumanMode } from "../../db/conversations.ts";
import type { ConversationOfSubject } from "../../db/conversations.ts";
import type { ShopTransaction } from "../../db/connection.ts";
import { readAnswerGrounds } from "../../db/answer-grounds.ts";
import { getShop } from "../../db/shops.ts";
import type { ShopRow } from "../../db/shops.ts";
import { getService } from "../../db/subscriptions.ts";
import type { CustomerId, ShopId } from "../../domain/id.ts";

/** What of a conversation is the agent's to answer. */
export type AgentShare = {
  /** Their data may be kept and not used: only their words about it, and of their age, are listened to. */
  isRestricted: boolean;
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
  { conversation, now }: { conversation: ConversationOfSubject; now: Date },
): Promise<{ shop: ShopRow; share: AgentShare }> {
  const shop = await getShop(trx, { shopId });
  const service = await getService(trx, { shopId });
  const { isWithoutAi, mayTalk, takesOrders } = await readAnswerGrounds(trx, { shopId, customerId });
  const isRestricted = conversation.subject_state === "frozen";
  const isHuman = isHumanMode(conversation, now) || isElsewhere(conversation);
  const isHumanOnly = isWithoutAi || !mayTalk;
  const isSwitchedOn = shop.is_agent_enabled && conversation.is_agent_enabled && service.service !== "silent";
  const isAgentOn = isSwitchedOn && conversation.credits_short_at === null && !isHumanOnly;
  const share = {
    isRestricted,
    isHuman,
    isHumanOnly,
    takesOrders,
    isAgentOn,
    mayAskModel: service.service === "full",
    isQuiet: isHuman || !isAgentOn || isRestricted,
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
