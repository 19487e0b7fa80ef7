import { grantsOn } from "./0006-access.ts";

/** The newest one counts; whoever joined before there were any is approved. What was said once is not changed but by a decision. */
const applications = [
  `create table referral_applications (
    id uuid primary key,
    participant_id uuid not null references referral_participants (id),
    terms_version integer not null,
    state text not null check (state in ('submitted', 'approved', 'rejected')),
    findings text[] not null,
    alike_ids uuid[] not null,
    submitted_at timestamptz not null,
    decided_at timestamptz,
    decided_by uuid references accounts (id) on delete set null,
    reason text,
    check ((state = 'submitted') = (decided_at is null)),
    check ((state = 'rejected') = (reason is not null))
  )`,
  `create index referral_applications_newest on referral_applications (participant_id, id desc)`,
  `create index referral_applications_queue on referral_applications (state, id)`,
  `create unique index referral_applications_one_open on referral_applications (participant_id)
    where state = 'submitted'`,
  `create index referral_applications_decided_by on referral_applications (decided_by)`,
  ...grantsOn("referral_applications", { api: "select, insert", system: "select (state, submitted_at)" }),
  `grant select, update (state, decided_at, decided_by, reason) on referral_applications to app_admin`,
];

/** How a participant wants to be paid; without a row: monthly, from the platform's minimum on. */
const preferences = [
  `create table payout_preferences (
    participant_id uuid primary key references referral_participants (id),
    schedule text not null check (schedule in ('monthly', 'quarterly')),
    threshold_minor bigint check (threshold_minor > 0),
    currency text,
    changed_at timestamptz not null,
    check ((threshold_minor is null) = (currency is null))
  )`,
  ...grantsOn("payout_preferences", { api: "select, insert, update", worker: "select" }),
];

export const takingPart: readonly string[] = [...applications, ...preferences];
