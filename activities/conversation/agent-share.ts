import { isElsewhere, isHumanMode } from "../../db/conversations.ts";
import type { ConversationRow } from "../../db/conversations.ts";
import type { ShopRow } from "../../db/shops.ts";
import type { ShopService } from "../../db/subscriptions.ts";

/** What of a conversation is the agent's to answer. */
export type AgentShare = {
  /** A person has the conversation, or another app. */
  isHuman: boolean;
  /** Switched on, not silent for a plan that is over, and not without credits since the customer was told so. */
  isAgentOn: boolean;
  /** The shop's plan pays for the model; without it a turn is as one without credits. */
  mayAskModel: boolean;
  /** Words are left to somebody else; pictures and taps are handled whoever speaks. */
  isQuiet: boolean;
  /** Words up to then were left to somebody else, and stay so. */
  after: Date | null;
};

export function agentShare(
  conversation: ConversationRow,
  { shop, service, now }: { shop: ShopRow; service: ShopService; now: Date },
): AgentShare {
  const isHuman = isHumanMode(conversation, now) || isElsewhere(conversation);
  const isSwitchedOn = shop.is_agent_enabled && conversation.is_agent_enabled && service.service !== "silent";
  const isAgentOn = isSwitchedOn && conversation.credits_short_at === null;
  const after = latest(conversation.standby_at, conversation.agent_from, shop.agent_from, service.servedFrom);
  const mayAskModel = service.service === "full";
  return { isHuman, isAgentOn, mayAskModel, isQuiet: isHuman || !isAgentOn, after };
}

function latest(...times: (Date | null)[]): Date | null {
  return times.reduce(
    (left, right) => (left === null || (right !== null && right > left) ? right : left),
    null,
  );
}
