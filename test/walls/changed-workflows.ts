import { sleep } from "@temporalio/workflow";
import { conversation as recordedConversation } from "../../workflows/conversation.workflow.ts";
import type { ConversationInput } from "../../workflows/conversation.contract.ts";
import { evidence as recordedEvidence } from "../../workflows/evidence.workflow.ts";
import type { EvidenceInput } from "../../workflows/evidence.contract.ts";
import { order as recordedOrder } from "../../workflows/order.workflow.ts";
import type { OrderInput } from "../../workflows/order.contract.ts";

/** The workflows as a careless change would leave them: one timer more, and no `patched()`. */
export async function conversation(input: ConversationInput): Promise<void> {
  const pause = sleep("1s");
  await recordedConversation(input);
  await pause;
}

export async function evidence(input: EvidenceInput): Promise<void> {
  const pause = sleep("1s");
  await recordedEvidence(input);
  await pause;
}

export async function order(input: OrderInput): Promise<void> {
  const pause = sleep("1s");
  await recordedOrder(input);
  await pause;
}
