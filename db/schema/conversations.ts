import type { ColumnType } from "kysely";

import type {
  AccountId,
  CustomerId,
  EvidenceId,
  MessageId,
  ObjectId,
  OrderId,
  PageId,
  PrivacyRequestId,
  ShopId,
  SubjectId,
  TurnId,
} from "../../domain/id.ts";
import type { ShownToModel } from "../../domain/conversation/shown-to-model.ts";
import type { SendPurpose } from "../../domain/privacy/send-purpose.ts";
import type { ObjectionLimit, PrivacyKind } from "../../domain/privacy/privacy-request.ts";
import type { Purpose } from "../../domain/sealing.ts";
import type { Language } from "../../domain/shop/policies.ts";
import type { SealedColumn, SealedOrNull, Optional, Flag, Count } from "./columns.ts";

export interface CustomersTable {
  shop_id: ShopId;
  id: CustomerId;
  page_id: PageId;
  /** Of who was erased, a random one. */
  psid_index: Buffer;
  /** Null: they were erased, and an order of theirs is kept. */
  psid: SealedOrNull;
  created_at: Date;
}

export interface ConversationsTable {
  shop_id: ShopId;
  customer_id: CustomerId;
  page_id: PageId;
  language: Language;
  is_agent_enabled: Flag;
  /** When it was switched on again. */
  agent_from: Optional<Date>;
  human_until: Optional<Date>;
  mode_version: Count;
  bell_pending: Flag;
  person_asked_at: Optional<Date>;
  /** When a person of the shop has read it last. */
  seen_at: Optional<Date>;
  last_customer_action_at: Optional<Date>;
  last_page_at: Optional<Date>;
  /** The newest sign that another app controls the thread, */
  standby_at: Optional<Date>;
  /** and the newest one that we do. */
  control_at: Optional<Date>;
  disclosed_at: Optional<Date>;
  /** When the customer was last told that a secret was hidden. */
  secret_warned_at: Optional<Date>;
  /** Since then a person is waited for, because the shop has no credits. */
  credits_short_at: Optional<Date>;
  turn_seq: Count;
  stale_in_row: Count;
  next_out_seq: Count;
  lease_owner: Optional<string>;
  lease_until: Optional<Date>;
  created_at: Date;
}

/** Kinds up to `handover` come from Messenger; the rest is what owners write. */
export type IntakeKind =
  | "message"
  | "postback"
  | "page_inbox"
  | "edit"
  | "deleted"
  | "reaction"
  | "referral"
  | "optin"
  | "handover"
  | "owner_message"
  | "reason";

/** A copy of a thread that another app controls, for the record; a `picture` is looked at, since it may be a slip. */
export type Standby = "words" | "picture";

export interface IntakeTable {
  shop_id: ShopId;
  id: MessageId;
  kind: IntakeKind;
  customer_id: CustomerId;
  page_id: Optional<PageId>;
  event_key: Buffer;
  mid_hash: Optional<Buffer>;
  body: SealedOrNull;
  actor_id: Optional<AccountId>;
  order_id: Optional<OrderId>;
  standby: Optional<Standby>;
  occurred_at: Date;
  received_at: Date;
  claimed_at: Optional<Date>;
  attempts: Count;
  dead_at: Optional<Date>;
  dead_reason: Optional<string>;
}

export interface DeadLettersTable {
  shop_id: ShopId;
  id: string;
  page_id: Optional<PageId>;
  /** Null: nobody knows whose it is. */
  customer_id: Optional<CustomerId>;
  reason: string;
  event_key: Buffer;
  mid_hash: Optional<Buffer>;
  body: SealedColumn;
  received_at: Date;
}

export interface ReceiptsTable {
  shop_id: ShopId;
  id: string;
  customer_id: CustomerId;
  kind: "echo" | "delivery" | "read";
  outbox_id: Optional<MessageId>;
  mid_hash: Optional<Buffer>;
  watermark: Optional<Date>;
  occurred_at: Date;
  received_at: Date;
}

export type TurnOutcome = "answered" | "fallback" | "decision" | "silent" | "stale" | "nothing";

/** What a turn asks the workflow to carry out; ids only. */
export type TurnDecision =
  | { kind: "place_order"; orderId: OrderId; hash: string }
  | { kind: "cancel_order"; orderId: OrderId }
  | { kind: "match_evidence"; orderId: OrderId; evidenceId: EvidenceId }
  | { kind: "ask_privacy"; right: PrivacyKind; objectsTo: ObjectionLimit | null }
  | { kind: "privacy"; act: "show" | "confirm" | "withdraw"; requestId: PrivacyRequestId };

export interface TurnsTable {
  shop_id: ShopId;
  id: TurnId;
  customer_id: CustomerId;
  seq: number;
  state: "claimed" | "stored";
  attempt: Count;
  outcome: Optional<TurnOutcome>;
  decision: ColumnType<TurnDecision | null, string | null | undefined, string | null>;
  oldest_at: Optional<Date>;
  claimed_at: Date;
  stored_at: Optional<Date>;
  model: Optional<string>;
  shown_to_model: ColumnType<ShownToModel | null, string | null | undefined, string | null>;
  rounds: Optional<number>;
  input_tokens: Optional<number>;
  output_tokens: Optional<number>;
  model_ms: Optional<number>;
  error_code: Optional<string>;
  is_decided: Flag;
  /** Under which the agent spoke. */
  agent_name: Optional<string>;
}

export type MessageAuthor = "customer" | "agent" | "owner" | "system" | "page_inbox";

export interface MessagesTable {
  shop_id: ShopId;
  id: MessageId;
  customer_id: CustomerId;
  direction: "in" | "out";
  author: MessageAuthor;
  kind: string;
  body: SealedOrNull;
  mid_hash: Optional<Buffer>;
  turn_id: Optional<TurnId>;
  actor_id: Optional<AccountId>;
  /** It was said in the thread while another app controlled it: that app's to answer. */
  is_standby: Flag;
  occurred_at: Date;
  received_at: Date;
  /** When a turn handled its pictures and taps. */
  looked_at: Optional<Date>;
  /** When its words were answered, by the agent or by a person. */
  answered_at: Optional<Date>;
  edited_at: Optional<Date>;
  deleted_at: Optional<Date>;
}

export type OutboxState =
  | "queued"
  | "sending"
  | "sent"
  | "unknown"
  | "failed"
  | "waiting_for_window"
  | "dropped";

/** `chat` is silenced by human mode and may be sent again; `order` must never be sent twice; `owner` was written by a person. */
export type OutboxAudience = "chat" | "order" | "owner";

export interface OutboxTable {
  shop_id: ShopId;
  id: MessageId;
  customer_id: CustomerId;
  seq: number;
  audience: OutboxAudience;
  business_key: string;
  part: number;
  order_id: Optional<OrderId>;
  /** Null: the conversation, or an order. */
  purpose: Optional<SendPurpose>;
  mode_version: Optional<number>;
  state: OutboxState;
  attempts: Count;
  next_attempt_at: Date;
  is_resend: Flag;
  sending_at: Optional<Date>;
  sent_at: Optional<Date>;
  mid_hash: Optional<Buffer>;
  error_code: Optional<string>;
  delivered_at: Optional<Date>;
  read_at: Optional<Date>;
  created_at: Date;
}

export interface ObjectsTable {
  shop_id: ShopId;
  id: ObjectId;
  subject_id: SubjectId;
  purpose: Purpose;
  kind: "chat_image" | "product_image" | "payment_qr";
  sealed_key: SealedColumn;
  content_type: string;
  size: number;
  image_index: Optional<Buffer>;
  message_id: Optional<MessageId>;
  part: Count;
  created_at: Date;
}

export interface LooseObjectsTable {
  shop_id: ShopId;
  id: ObjectId;
  due_at: Date;
}
