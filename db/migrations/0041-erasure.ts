import { grantsOn, rowSecurityOf } from "./0006-access.ts";

const remove = { worker: "delete" };

/** That what the row is of, an order or a slip, is of somebody who is being erased. */
function isOfErased(table: string, id: string): string {
  const [row = ""] = id.split(".");
  return `exists (select from ${table} t join subjects s on s.shop_id = t.shop_id and s.id = t.customer_id
    where t.shop_id = ${row}.shop_id and t.id = ${id} and s.state in ('erasing', 'erased'))`;
}

/**
 * The erasure of a person: how far it is, what the law keeps and until when, who is not let in again by a late event, and
 * what is certified about it. Rows that only an erasure removes can be removed from now on.
 */
export const erasure: readonly string[] = [
  // `runs`: what became of each run of their workflows; `plan` and `removed`: rows by store. Ids and numbers only.
  `create table erasures (
    shop_id uuid not null,
    request_id uuid not null,
    subject_id uuid not null,
    stage text not null check (stage in
      ('planned', 'fenced', 'closed', 'cleared', 'unreadable', 'proven', 'removed', 'certified')),
    leg integer not null default 1 check (leg > 0),
    timings jsonb not null,
    plan jsonb not null,
    removed jsonb not null default '{}',
    workflows jsonb not null default '[]',
    runs jsonb not null default '{}',
    destroyed_keys jsonb not null default '[]',
    probed_values integer not null default 0,
    started_at timestamptz not null,
    fenced_at timestamptz,
    final_at timestamptz,
    primary key (shop_id, request_id),
    unique (shop_id, subject_id),
    foreign key (shop_id, subject_id) references subjects (shop_id, id)
  )`,
  // A hold keeps one purpose's key and its rows: for an order that is not over, or until a date that the law names.
  `create table holds (
    shop_id uuid not null,
    id uuid not null,
    request_id uuid not null,
    subject_id uuid not null,
    purpose text not null check (purpose in ('chat', 'order', 'finance')),
    class text not null,
    basis text not null,
    order_id uuid,
    until timestamptz,
    created_at timestamptz not null,
    ended_at timestamptz,
    primary key (shop_id, id),
    unique nulls not distinct (shop_id, request_id, purpose, order_id),
    check ((order_id is null) = (until is not null)),
    foreign key (shop_id, request_id) references erasures (shop_id, request_id),
    foreign key (shop_id, subject_id) references subjects (shop_id, id)
  )`,
  `create index holds_subject on holds (shop_id, subject_id) where ended_at is null`,
  `create index holds_due on holds (until) where ended_at is null and until is not null`,
  // Under another index than the customer's, so that nobody can match it with one in a backup without the index key.
  `create table suppressions (
    shop_id uuid not null references shops (id),
    sender_index bytea not null,
    erased_at timestamptz not null,
    until timestamptz not null,
    primary key (shop_id, sender_index)
  )`,
  // A later revision says what could not be said yet; none is changed.
  `create table certificates (
    shop_id uuid not null,
    request_id uuid not null,
    revision integer not null check (revision > 0),
    id uuid not null,
    body text not null,
    signature bytea not null,
    key_id text not null,
    salt bytea not null,
    is_final boolean not null,
    issued_at timestamptz not null,
    primary key (shop_id, request_id, revision),
    foreign key (shop_id, request_id) references erasures (shop_id, request_id)
  )`,
  `create table certificate_keys (
    id text primary key,
    public_key bytea not null,
    created_at timestamptz not null
  )`,
  ...["erasures", "holds", "suppressions", "certificates"].flatMap((table) =>
    rowSecurityOf(table, "shop_id"),
  ),
  ...grantsOn("erasures", { api: "select", worker: "select, insert, update", system: "select" }),
  ...grantsOn("holds", {
    api: "select",
    worker: "select, insert, update (ended_at, until)",
    system: "select",
  }),
  ...grantsOn("suppressions", { api: "select", worker: "select, insert, update, delete" }),
  ...grantsOn("certificates", { api: "select", worker: "select, insert" }),
  ...grantsOn("certificate_keys", { api: "select", worker: "select, insert" }),

  // Of a person whose order is kept, nothing is left by which they could be known.
  `alter table customers alter column psid drop not null`,
  `alter table orders alter column contact drop not null`,

  `grant update (state) on subjects to app_worker`,
  `grant select (id, purpose, epoch) on subject_keys to app_worker`,
  // The worker destroys the keys of persons who are being erased, and of the evidence of requests.
  `drop policy evidence_only on subject_keys`,
  `create policy erasing_only on subject_keys as restrictive for delete to app_worker
    using (exists (select from subjects where subjects.shop_id = subject_keys.shop_id
      and subjects.id = subject_keys.subject_id
      and (subjects.kind = 'upgrade' or subjects.state in ('erasing', 'erased'))))`,
  `grant update (psid_index, psid), delete on customers to app_worker`,
  `grant update (note) on order_events to app_worker`,
  // The story and the ledger are written once: of nobody but who is being erased is anything taken out.
  ...(["update", "delete"] as const).map(
    (what) => `create policy erased_${what} on order_events as restrictive for ${what} to app_worker
      using (${isOfErased("orders", "order_events.order_id")})`,
  ),
  `create policy erased_delete on payment_entries as restrictive for delete to app_worker
    using (${isOfErased("orders", "payment_entries.order_id")}
      or ${isOfErased("payment_evidence", "payment_entries.evidence_id")})`,
  `create policy erased_delete on customer_credit_lines as restrictive for delete to app_worker
    using (exists (select from subjects s where s.shop_id = customer_credit_lines.shop_id
      and s.id = customer_credit_lines.customer_id and s.state in ('erasing', 'erased')))`,
  `grant select, delete on dead_letters, gateway_events to app_worker`,
  ...[
    "carts",
    "conversations",
    "turns",
    "messages",
    "outbox",
    "orders",
    "order_events",
    "payment_evidence",
    "payment_entries",
    "customer_credits",
    "customer_credit_lines",
    "gateway_payments",
    "gateway_refunds",
    "owner_notices",
    "push_parts",
  ].flatMap((table) => grantsOn(table, remove)),
];
