import { grantsOn, rowSecurityOf } from "./0006-access.ts";

/** A copy of somebody's data for that person, behind a link that ends; its bytes are pieces in the object store. */
const packages = [
  `create table privacy_packages (
    shop_id uuid not null,
    id uuid not null,
    subject_id uuid not null,
    request_id uuid not null,
    kind text not null check (kind in ('access', 'portability')),
    purpose text not null,
    token bytea not null,
    token_hash bytea not null unique,
    size bigint not null check (size > 0),
    created_at timestamptz not null,
    expires_at timestamptz not null,
    downloads integer not null default 0 check (downloads >= 0),
    last_download_at timestamptz,
    primary key (shop_id, id),
    unique (shop_id, request_id, kind),
    foreign key (shop_id, subject_id) references subjects (shop_id, id)
  )`,
  `create index privacy_packages_subject on privacy_packages (shop_id, subject_id)`,
  `create table privacy_package_parts (
    shop_id uuid not null,
    package_id uuid not null,
    position integer not null check (position >= 0),
    object_id uuid not null,
    sealed_key bytea not null,
    size integer not null check (size > 0),
    primary key (shop_id, package_id, position),
    foreign key (shop_id, package_id) references privacy_packages (shop_id, id) on delete cascade
  )`,
  ...["privacy_packages", "privacy_package_parts"].flatMap((table) => rowSecurityOf(table, "shop_id")),
  ...grantsOn("privacy_packages", {
    api: "select, update (downloads, last_download_at)",
    worker: "select, insert, delete",
    system: "select (shop_id, id, subject_id, token_hash)",
  }),
  ...grantsOn("privacy_package_parts", { api: "select", worker: "select, insert, delete" }),
];

/** What the worker has to read for a package and had no reason to before: never what lets somebody in. */
const readable: Record<string, string> = {
  account_appeals: "select",
  account_events: "select",
  account_tokens: "select (account_id, kind, email, expires_at, used_at, created_at)",
  accounts: "select (profile, referral_code_given, suspended_by, platform_role, suspended_for, created_at)",
  api_keys:
    "select (shop_id, id, name, created_by, scopes, last_used_at, expires_at, revoked_at, created_at)",
  audit_events: "select",
  dead_letters: "select",
  fraud_decisions: "select",
  gateway_events: "select",
  invitations: `select (shop_id, id, email, role, created_by, created_at, expires_at, accepted_at, accepted_by,
    revoked_at)`,
  known_devices: "select (account_id, created_at, last_seen_at)",
  page_connections: "select (shop_id, id, session_id, problem, state_ends_at, taken_at, ends_at, created_at)",
  page_events: "select",
  plan_reversal_notes: "select",
  policy_acceptances: "select",
  recovery_codes: "select (account_id, created_at, used_at)",
  referral_applications: "select",
  second_factors: "select (account_id, created_at, confirmed_at, last_counter)",
  sessions: `select (id, account_id, language, created_at, last_used_at, expires_at, ended_at, origin, has_factor,
    stepped_up_at)`,
  sign_in_steps: "select (account_id, language, tries, created_at, expires_at)",
};

export const privacyPackages: readonly string[] = [
  ...packages,
  ...Object.entries(readable).flatMap(([table, worker]) => grantsOn(table, { worker })),
];
