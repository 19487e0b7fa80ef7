import type { MessageBody } from "../../domain/conversation/message-body.ts";
import type { MessageId } from "../../domain/id.ts";
import type { IntakeKind, Standby } from "../../db/schema/conversations.ts";

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
  /** Null: the thread is ours, or it is for us to do whoever has it. */
  standby: Standby | null;
  /** Who controls the thread from this event on; null when it does not tell. */
  control: "ours" | "theirs" | null;
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

const claimed = new Set<IntakeKind>(["message", "postback", "page_inbox", "edit", "deleted"]);

/** Somebody must look now. */
export function isRinging({ kind, standby }: Pick<PreparedEvent, "kind" | "standby">): boolean {
  return isClaimed(kind) && standby !== "words";
}

/** What a worker moves on from the intake; the rest is stored only. */
export function isClaimed(kind: IntakeKind): boolean {
  return claimed.has(kind);
}
