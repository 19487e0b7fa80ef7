import type { TableEntry } from "./describe-table.ts";

export const operationInventory = {
  devices: {
    of: { account: "account_id" },
    purposes: ["notices"],
    class: "account",
    sealed: {
      token: { field: "device.token", purpose: "secret", subject: "shop_id", isSecret: true },
    },
    index: "token_index",
    ids: "shop_id id account_id",
    facts: "gone_at created_at",
  },
  owner_notices: {
    of: { customer: "customer_id", shop: "shop_id" },
    purposes: ["notices"],
    class: "notice_log",
    ids: "shop_id id customer_id account_id order_id",
    codes: "kind",
    facts: "read_at created_at",
    business: "data",
    marks: "business_key",
  },
  push_parts: {
    of: { shop: "shop_id" },
    purposes: ["notices"],
    class: "notice_log",
    ids: "shop_id notice_id device_id",
    codes: "state error_code",
    facts: "sent_at attempts next_attempt_at",
  },
  audit_events: {
    of: { customer: "subject_id", account: "actor_id", shop: "shop_id" },
    purposes: ["security", "privacy_rights"],
    class: "audit",
    ids: "shop_id id actor_id subject_id resource_id",
    codes: "actor_kind action data",
    facts: "at sequence",
    marks: "previous_hash hash",
  },
  // The answers of decisions, for whoever asks again; what they say stands in the tables of what was decided.
  idempotency_keys: {
    of: { shop: "shop_id" },
    purposes: ["security"],
    class: "operation",
    noCopy: "answers to requests, which stand in the tables of what was decided",
    sealed: {
      response: [
        {
          field: "idempotency.response",
          purpose: "account",
          subject: "actor_id",
          row: "key",
          when: { shop_id: "00000000-0000-0000-0000-000000000000" },
          isSecret: true,
        },
        { field: "idempotency.response", purpose: "secret", subject: "shop_id", row: "key", isSecret: true },
      ],
    },
    ids: "shop_id actor_id",
    facts: "lease_until status created_at",
    marks: "key fingerprint",
  },
} as const satisfies Record<string, TableEntry>;

export const creditInventory = {
  credit_grants: {
    of: { shop: "shop_id" },
    purposes: ["billing"],
    class: "account.finance",
    ids: "shop_id id",
    codes: "kind",
    facts: "credits priority effective_at expires_at reversed_at available reserved told_percent created_at",
    marks: "effect_key",
  },
  credit_lines: {
    of: { shop: "shop_id" },
    purposes: ["billing"],
    class: "account.finance",
    ids: "shop_id transaction_id grant_id",
    codes: "account kind",
    facts: "credits at",
  },
  credit_reservations: {
    of: { shop: "shop_id" },
    purposes: ["billing"],
    class: "account.finance",
    ids: "shop_id turn_id reserve_transaction settle_transaction",
    codes: "state",
    facts: "upper_bound charged cost_micro_usd rate_version reserved_at ended_at",
  },
} as const satisfies Record<string, TableEntry>;
