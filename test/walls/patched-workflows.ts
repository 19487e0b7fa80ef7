import { patched, sleep } from "@temporalio/workflow";
import { conversation as recordedConversation } from "../../workflows/conversation.workflow.ts";
import type { ConversationInput } from "../../workflows/conversation.contract.ts";
import { order as recordedOrder } from "../../workflows/order.workflow.ts";
import type { OrderInput } from "../../workflows/order.contract.ts";

/** The workflows as a careful change would leave them: runs that began before it do without the timer. */
export async function conversation(input: ConversationInput): Promise<void> {
  const pause = pauseIfNew();
  await recordedConversation(input);
  await pause;
}

export async function order(input: OrderInput): Promise<void> {
  const pause = pauseIfNew();
  await recordedOrder(input);
  await pause;
}

function pauseIfNew(): Promise<void> | undefined {
  return patched("one-pause-more") ? sleep("1s") : undefined;
}
