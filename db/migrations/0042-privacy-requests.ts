import { grantsOn, rowSecurityOf } from "./0006-access.ts";
import { rowSecurityForAdmins } from "./0018-plans.ts";

/** What people ask for about their own data, and what became of it; the platform's own accounts are under its id. */
export const privacyRequests: readonly string[] = [
  // Nobody closes one without an answer, and none is due later than 30 days.
  `create table privacy_requests (
    shop_id uuid not null,
    id uuid not null,
    subject_id uuid,
    subject_kind text not null check (subject_kind in ('customer', 'account', 'login')),
    kind text not null
      check (kind in ('access', 'portability', 'correction', 'deletion', 'restriction', 'objection')),
    objects_to text check (objects_to in ('no_ai', 'no_analytics', 'no_follow_up', 'no_marketing')),
    state text not null check (state in ('received', 'verified', 'waiting', 'with_owner', 'in_progress',
      'finalising', 'completed', 'denied', 'cancelled', 'lapsed')),
    door text not null check (door in ('account', 'chat', 'owner', 'compliance', 'meta', 'page', 'age_report')),
    proof text check (proof in ('session', 'thread', 'owner', 'staff', 'meta')),
    code_hash bytea not null,
    note_id uuid,
    reason_note_id uuid,
    profile text not null check (profile in ('calendar_days', 'working_days', 'three_days')),
    timings jsonb not null,
    requested_by uuid references accounts (id) on delete set null,
    decided_by uuid references accounts (id) on delete set null,
    answer text check (answer in ('erased', 'packaged', 'limited', 'corrected', 'forgotten')),
    denial text check (denial in ('identity_in_doubt', 'law_demands_keeping', 'rights_of_others', 'unfounded',
      'data_is_right')),
    tell text check (tell in ('received', 'cancelled', 'denied', 'done')),
    was_owner_silent boolean not null default false,
    joined_to uuid,
    received_at timestamptz not null,
    verified_at timestamptz,
    act_at timestamptz,
    reminders_done integer not null default 0,
    target_at timestamptz not null,
    due_at timestamptz not null check (due_at <= received_at + interval '720 hours'),
    alarmed_at timestamptz,
    answered_at timestamptz,
    ended_at timestamptz,
    version integer not null default 1,
    primary key (shop_id, id),
    check ((kind = 'objection') = (objects_to is not null)),
    check (subject_id is not null or state in ('received', 'lapsed', 'cancelled')),
    check (proof is not null or state in ('received', 'lapsed', 'cancelled')),
    check ((state in ('finalising', 'completed')) = (answer is not null)),
    check ((answer is null) = (answered_at is null)),
    check ((state = 'denied') = (denial is not null))
  )`,
  `create unique index privacy_requests_code on privacy_requests (code_hash)`,
  `create unique index privacy_requests_one_open on privacy_requests
    (shop_id, subject_id, kind, coalesce(objects_to, ''))
    where subject_id is not null and state in
      ('received', 'verified', 'waiting', 'with_owner', 'in_progress', 'finalising')`,
  `create index privacy_requests_to_serve on privacy_requests (id) where tell is not null or state in
    ('received', 'verified', 'waiting', 'with_owner', 'in_progress', 'finalising')`,
  // Compliance finds a request by its id alone, in whichever shop, and the queue by what is due first.
  `create index privacy_requests_id on privacy_requests (id)`,
  `create index privacy_requests_queue on privacy_requests (due_at, id) where state in
    ('received', 'verified', 'waiting', 'with_owner', 'in_progress', 'finalising')`,
  ...["requested_by", "decided_by"].map(
    (column) =>
      `create index privacy_requests_${column} on privacy_requests (${column}) where ${column} is not null`,
  ),

  `create table privacy_request_events (
    shop_id uuid not null,
    id uuid not null,
    request_id uuid not null,
    at timestamptz not null,
    actor_kind text not null check (actor_kind in ('person', 'owner', 'admin', 'system')),
    actor_id uuid,
    event text not null,
    primary key (shop_id, id),
    foreign key (shop_id, request_id) references privacy_requests (shop_id, id)
  )`,
  `create index privacy_request_events_request on privacy_request_events (shop_id, request_id, id)`,

  // What people write about a request, sealed under the key of whose it is: it goes with that key.
  `create table privacy_notes (
    shop_id uuid not null,
    id uuid not null,
    request_id uuid not null,
    body bytea not null,
    created_at timestamptz not null,
    primary key (shop_id, id),
    foreign key (shop_id, request_id) references privacy_requests (shop_id, id)
  )`,
  `create index privacy_notes_request on privacy_notes (shop_id, request_id)`,

  ...["privacy_requests", "privacy_request_events"].flatMap(rowSecurityForAdmins),
  ...rowSecurityOf("privacy_notes", "shop_id"),
  ...grantsOn("privacy_requests", {
    api: "select, insert, update",
    worker: "select, insert, update",
    system: "select",
  }),
  ...grantsOn("privacy_request_events", { api: "select, insert", worker: "select, insert" }),
  ...grantsOn("privacy_notes", { api: "select, insert", worker: "select, delete" }),
  `grant select on privacy_requests, privacy_request_events to app_admin`,
  // Who is erased is fenced by the worker.
  `grant update (state) on subjects to app_worker`,
];
