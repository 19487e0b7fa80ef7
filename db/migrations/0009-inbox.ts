import { all, grantsOn, rowSecurityOf } from "./0006-access.ts";

/** What becomes of a customer's words besides an answer: taken back, of another app, left for a person. */
export const inbox: readonly string[] = [
  // The event of a deletion is its mark, for as long as the intake remembers event keys.
  `create index intake_deleted on intake (shop_id, mid_hash) where kind = 'deleted'`,
  // The door empties what waits the instant its deletion comes.
  `grant update (body) on intake to app_api`,

  // Bytes for which no row of objects stands: they go when due, unless a row has claimed them before.
  `create table loose_objects (
    shop_id uuid not null references shops (id),
    id uuid not null,
    due_at timestamptz not null,
    primary key (shop_id, id)
  )`,
  `create index loose_objects_due on loose_objects (due_at)`,
  ...rowSecurityOf("loose_objects", "shop_id"),
  ...grantsOn("loose_objects", { worker: all, system: "select" }),
  `grant delete on objects to app_worker`,

  // Copies of a thread that another app controls: nobody answers them; a picture is looked at all the same.
  `alter table intake add column standby text check (standby in ('words', 'picture'))`,
  `alter table messages add column is_standby boolean not null default false`,
  // The newest signs that another app has the thread, and that we have it: events come in any order.
  `alter table conversations add column standby_at timestamptz, add column control_at timestamptz`,

  // Switched on, the agent answers what is written from then on; before, it was a person's to answer or to read.
  `alter table shops add column agent_from timestamptz`,
  `alter table conversations add column agent_from timestamptz, add column seen_at timestamptz`,

  // Under the shop's key no answer may outlive the person of whom it speaks: it is read again from its rows.
  // No policy lets the owner of the tables see rows that are forced.
  `alter table idempotency_keys no force row level security`,
  `update idempotency_keys set response = null where status < 400`,
  `alter table idempotency_keys force row level security`,
  `alter table dead_letters add column customer_id uuid, add column mid_hash bytea`,
  `alter table dead_letters add foreign key (shop_id, customer_id) references customers (shop_id, id)`,
  `create index dead_letters_customer on dead_letters (shop_id, customer_id) where customer_id is not null`,
  `grant delete on dead_letters to app_api`,
];
