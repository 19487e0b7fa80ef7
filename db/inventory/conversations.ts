import type { SealedAt, TableEntry } from "./describe-table.ts";

const ofChat = (field: string, row = "id") =>
  ({ field, purpose: "chat", subject: "customer_id", row }) as const satisfies SealedAt;

export const conversationInventory = {
  customers: {
    of: { customer: "id" },
    purposes: ["conversation", "order"],
    class: "conversation",
    sealed: { psid: { field: "customer.psid", purpose: "chat", subject: "id" } },
    index: "psid_index",
    ids: "shop_id id page_id",
    facts: "created_at",
  },
  conversations: {
    of: { customer: "customer_id" },
    purposes: ["conversation", "follow_up"],
    class: "conversation",
    ids: "shop_id customer_id page_id lease_owner",
    codes: "language",
    facts: `is_agent_enabled agent_from human_until mode_version bell_pending person_asked_at seen_at
      last_customer_action_at last_page_at standby_at control_at disclosed_at secret_warned_at credits_short_at
      turn_seq stale_in_row next_out_seq lease_until created_at`,
  },
  intake: {
    of: { customer: "customer_id" },
    purposes: ["conversation", "order"],
    class: "operation",
    sealed: {
      body: [
        { field: "intake.note", purpose: "order", subject: "customer_id", when: { kind: "reason" } },
        ofChat("message.body"),
      ],
    },
    ids: "shop_id id customer_id order_id page_id actor_id",
    codes: "kind standby dead_reason",
    facts: "occurred_at received_at claimed_at dead_at attempts",
    marks: "event_key mid_hash",
  },
  dead_letters: {
    of: { customer: "customer_id" },
    purposes: ["conversation"],
    class: "operation",
    sealed: {
      body: [
        { field: "dead_letter.body", purpose: "secret", subject: "shop_id", when: { customer_id: null } },
        ofChat("dead_letter.body"),
      ],
    },
    ids: "shop_id id customer_id page_id",
    codes: "reason",
    facts: "received_at",
    marks: "event_key mid_hash",
  },
  receipts: {
    of: { customer: "customer_id" },
    purposes: ["conversation"],
    class: "operation",
    ids: "shop_id id customer_id outbox_id",
    codes: "kind",
    facts: "watermark occurred_at received_at",
    marks: "mid_hash",
  },
  turns: {
    of: { customer: "customer_id" },
    purposes: ["conversation", "order"],
    class: "conversation",
    ids: "shop_id id customer_id",
    codes: "state outcome decision model shown_to_model error_code",
    facts: `seq attempt oldest_at claimed_at stored_at rounds input_tokens output_tokens model_ms is_decided`,
    business: "agent_name",
  },
  messages: {
    of: { customer: "customer_id" },
    purposes: ["conversation", "order"],
    class: "conversation",
    sealed: { body: ofChat("message.body") },
    ids: "shop_id id customer_id turn_id actor_id",
    codes: "direction author kind",
    facts: "is_standby occurred_at received_at looked_at answered_at edited_at deleted_at",
    marks: "mid_hash",
  },
  outbox: {
    of: { customer: "customer_id" },
    purposes: ["conversation", "order", "follow_up"],
    class: "conversation",
    ids: "shop_id id customer_id order_id",
    codes: "audience purpose state error_code",
    facts: `seq part mode_version is_resend sending_at sent_at delivered_at read_at created_at attempts
      next_attempt_at`,
    marks: "business_key mid_hash",
  },
  // The bytes are in the object store under the same id; each picture has the class of what it shows.
  objects: {
    of: { customer: "subject_id", shop: "subject_id" },
    purposes: ["conversation", "payment", "order"],
    class: "conversation",
    sealed: {
      sealed_key: {
        field: "object.key",
        purpose: { column: "purpose" },
        subject: "subject_id",
        isSecret: true,
        opensObject: true,
      },
    },
    index: "image_index",
    ids: "shop_id id subject_id message_id",
    codes: "purpose kind content_type",
    facts: "size part created_at",
  },
  loose_objects: {
    of: { shop: "shop_id" },
    purposes: ["security"],
    class: "operation",
    noCopy: "ids of bytes that are about to be removed",
    ids: "shop_id id",
    facts: "due_at",
  },
} as const satisfies Record<string, TableEntry>;
