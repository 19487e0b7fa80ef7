import { rowSecurityOf } from "./0006-access.ts";

/** Texts of an incident and of a ticket have a key of their own each, and so has whoever writes without an account. */
const subjects = [
  `alter table subjects drop constraint subjects_kind_check`,
  `alter table subjects add constraint subjects_kind_check
    check (kind in ('customer', 'account', 'shop', 'upgrade', 'participant', 'billing', 'ticket', 'incident'))`,
  `alter table subject_keys drop constraint subject_keys_purpose_check`,
  `alter table subject_keys add constraint subject_keys_purpose_check
    check (purpose in ('chat', 'order', 'finance', 'account', 'secret', 'referral', 'support'))`,
];

const tickets = [
  `create table tickets (
    id uuid primary key,
    code_hash bytea not null unique,
    topic text not null check (topic in ('privacy', 'security', 'support')),
    state text not null default 'open' check (state in ('open', 'answered', 'closed')),
    account_id uuid references accounts (id) on delete set null,
    language text not null,
    due_at timestamptz not null,
    reminded_at timestamptz,
    escalated_at timestamptz,
    last_message_at timestamptz not null,
    created_at timestamptz not null,
    closed_at timestamptz
  )`,
  `create index tickets_account on tickets (account_id, id)`,
  `create index tickets_due on tickets (due_at) where state = 'open'`,
  `create table ticket_messages (
    ticket_id uuid not null references tickets (id),
    id uuid not null,
    author text not null check (author in ('person', 'staff')),
    account_id uuid references accounts (id) on delete set null,
    body bytea not null,
    at timestamptz not null,
    primary key (ticket_id, id)
  )`,
  `create index ticket_messages_account on ticket_messages (account_id)`,
];

const incidents = [
  `create table incidents (
    id uuid primary key,
    kind text not null,
    is_drill boolean not null,
    state text not null default 'open' check (state in ('open', 'notifying', 'notified', 'closed', 'dismissed')),
    ticket_id uuid references tickets (id),
    discovered_at timestamptz not null,
    due_at timestamptz not null,
    scopes jsonb not null default '[]',
    notice bytea,
    notice_version integer not null default 0,
    proposal text check (proposal in ('notify', 'dismiss')),
    proposed_by uuid references accounts (id) on delete set null,
    proposed_at timestamptz,
    approved_by uuid references accounts (id) on delete set null,
    approved_at timestamptz,
    alarms_raised integer not null default 0,
    listed_at timestamptz,
    told_at timestamptz,
    receipts_read_at timestamptz,
    notified_at timestamptz,
    late_reason text,
    closed_at timestamptz,
    timings jsonb not null,
    version integer not null default 1,
    opened_by uuid references accounts (id) on delete set null,
    opened_at timestamptz not null,
    check (approved_by <> proposed_by),
    check (state = 'open' or state = 'dismissed' or approved_at is not null),
    check (state <> 'closed' or notified_at is not null),
    check (closed_at is null or notified_at <= due_at or late_reason is not null or state = 'dismissed')
  )`,
  `create index incidents_open on incidents (id) where state in ('open', 'notifying')`,
  ...["ticket_id", "proposed_by", "approved_by", "opened_by"].map(
    (column) => `create index incidents_${column} on incidents (${column})`,
  ),
  `create table incident_events (
    incident_id uuid not null references incidents (id),
    id uuid not null,
    what text not null,
    data jsonb not null default '{}',
    by_account uuid references accounts (id) on delete set null,
    at timestamptz not null,
    primary key (incident_id, id)
  )`,
  `create index incident_events_by_account on incident_events (by_account)`,
  // One row, and one notice, a person. No reference to the person: whoever is erased leaves no trace but the number.
  `create table incident_people (
    shop_id uuid not null,
    incident_id uuid not null references incidents (id),
    subject_id uuid not null,
    kind text not null check (kind in ('customer', 'account')),
    state text not null default 'listed'
      check (state in ('listed', 'queued', 'sent', 'waiting', 'failed', 'gone')),
    queued_at timestamptz,
    settled_at timestamptz,
    second_way_at timestamptz,
    primary key (shop_id, incident_id, subject_id)
  )`,
  `create index incident_people_open on incident_people (incident_id, state, shop_id, subject_id)
    where state in ('listed', 'queued', 'waiting')`,
  ...rowSecurityOf("incident_people", "shop_id"),
];

const rights = [
  `grant select, insert, update on tickets to app_api`,
  `grant select, insert on ticket_messages to app_api`,
  `grant select, insert, update on incidents to app_api`,
  `grant select, insert on incident_events to app_api`,
  `grant select, update on incidents to app_worker`,
  `grant select, insert on incident_events to app_worker`,
  `grant select, update on incident_people to app_worker`,
  `grant select on incidents to app_system`,
  `grant select (state, last_message_at) on tickets to app_system`,
  `grant select, insert, update on incident_people to app_system`,
  `grant select, update (reminded_at, escalated_at) on tickets to app_worker`,
  // Who is affected, by ids and times alone.
  `grant select (shop_id, customer_id, direction, occurred_at) on messages to app_system`,
  `grant select (business_key) on mails to app_system`,
  `grant update (ended_at) on sessions to app_system`,
  `grant select, update (is_agent_enabled, version) on shops to app_system`,
];

export const incidentTables: readonly string[] = [...subjects, ...tickets, ...incidents, ...rights];
