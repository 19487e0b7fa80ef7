import type { MessageBody } from "../../domain/conversation/message-body.ts";
import type { MessageId } from "../../domain/id.ts";
import type { IntakeKind } from "../../db/schema/conversations.ts";

/** One event of one customer, masked, ready to be sealed and stored. */
export type PreparedEvent = {
  senderId: string;
  kind: IntakeKind;
  eventKey: Buffer;
  midHash: Buffer | null;
  body: MessageBody;
  occurredAt: Date;
  /** Opens the messaging window. */
  isCustomerAction: boolean;
};

/** Our own echo, a delivery or a read mark: no body. */
export type PreparedReceipt = {
  senderId: string;
  kind: "echo" | "delivery" | "read";
  outboxId: MessageId | null;
  midHash: Buffer | null;
  watermark: Date | null;
  occurredAt: Date;
};

/** Kinds for which somebody must look now; the others are stored, already claimed. */
const ringing = new Set<IntakeKind>(["message", "postback", "page_inbox", "edit", "deleted"]);

export function isRinging(kind: IntakeKind): boolean {
  return ringing.has(kind);
}
