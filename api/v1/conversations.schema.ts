import { z } from "@hono/zod-openapi";

import type { ListedConversation } from "../../db/conversation-queries.ts";
import { windowState } from "../../domain/conversation/message-window.ts";
import { toTypeId } from "../../domain/id.ts";
import { TimeSchema, idText, timeOrNull } from "./fields.schema.ts";
import { pageOf } from "./list.ts";

export const ConversationSchema = z
  .object({
    customerId: idText("cus").openapi({
      description: "A customer has one conversation; it has no other id.",
    }),
    language: z.enum(["my", "en"]),
    isAgentEnabled: z.boolean(),
    isShortOfCredits: z.boolean().openapi({
      description:
        "The customer was told that a person answers, because the shop had no credits, or its plan was over.",
    }),
    mode: z.enum(["agent", "human"]).openapi({ description: "`human`: the agent is silent." }),
    humanUntil: TimeSchema.nullable().openapi({ description: "When the agent answers again by itself." }),
    isWaitingForPerson: z.boolean().openapi({
      description:
        "The customer asked for a person, or wrote while the agent is off and no person has read it.",
    }),
    personAskedAt: TimeSchema.nullable(),
    lastMessageAt: TimeSchema,
    unreadCount: z.int().openapi({
      description:
        "What the customer wrote that neither a person nor the agent has answered, and no person has read.",
    }),
    messagingWindow: z
      .object({ isOpen: z.boolean(), closesAt: TimeSchema.nullable() })
      .openapi({ description: "Outside of it most messages wait for the customer's next one." }),
    createdAt: TimeSchema,
  })
  .openapi("Conversation");

export const ConversationPageSchema = pageOf(ConversationSchema).openapi("ConversationPage");

export function toConversation(row: ListedConversation, now: Date): z.infer<typeof ConversationSchema> {
  const isHuman = row.human_until !== null && row.human_until > now;
  const window = windowState({ lastCustomerActionAt: row.last_customer_action_at, now });
  return {
    customerId: toTypeId("cus", row.customer_id),
    language: row.language,
    isAgentEnabled: row.is_agent_enabled,
    isShortOfCredits: row.credits_short_at !== null,
    mode: isHuman ? "human" : "agent",
    humanUntil: isHuman ? timeOrNull(row.human_until) : null,
    isWaitingForPerson: row.is_waiting_for_person,
    personAskedAt: timeOrNull(row.person_asked_at),
    lastMessageAt: row.last_at.toISOString(),
    unreadCount: row.unread,
    messagingWindow: { isOpen: window.isOpen, closesAt: timeOrNull(window.closesAt) },
    createdAt: row.created_at.toISOString(),
  };
}
