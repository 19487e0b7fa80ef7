import { conversation as recordedConversation } from "../../workflows/conversation.workflow.ts";
import type { ConversationInput } from "../../workflows/conversation.contract.ts";
export { order } from "../../workflows/order.workflow.ts";

/** Conversations with this idle time are blocked; others are the product's. */
export const blockedIdleEndMs = 61_000;

/** A fault of the code: some conversations never give the sandbox back. */
export async function conversation(input: ConversationInput): Promise<void> {
  await Promise.resolve();
  while (input.timings.idleEndMs === blockedIdleEndMs);
  await recordedConversation(input);
}
