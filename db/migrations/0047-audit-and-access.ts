import { grantsOn, rowSecurityOf } from "./0006-access.ts";

const written = "shop_id, id, at, actor_kind, actor_id, action, subject_id, resource_id, data";

/** An entry of the log is written once, linked once by the chainer, and cut off only below the recorded anchor. */
const chain = [
  `alter table audit_events add column sequence bigint check (sequence > 0)`,
  `alter table audit_events add constraint audit_events_linked
    check ((sequence is null) = (hash is null) and (sequence is null) = (previous_hash is null))`,
  `create unique index audit_events_sequence on audit_events (shop_id, sequence) where sequence is not null`,
  `create index audit_events_unlinked on audit_events (shop_id, id) where sequence is null`,
  `create index audit_events_subject on audit_events (subject_id, id) where subject_id is not null`,
  // Who writes an entry says nothing of its link.
  `revoke insert on audit_events from app_api, app_worker, app_admin, app_system`,
  ...["app_api", "app_worker", "app_admin", "app_system"].map(
    (role) => `grant insert (${written}) on audit_events to ${role}`,
  ),
  `grant select, update (sequence, previous_hash, hash), delete on audit_events to app_system`,
  `create table audit_chains (
    shop_id uuid primary key,
    last_sequence bigint not null default 0 check (last_sequence >= 0),
    last_hash bytea not null,
    anchor_sequence bigint not null default 0 check (anchor_sequence between 0 and last_sequence),
    anchor_hash bytea not null,
    exported_sequence bigint not null default 0,
    exported_at timestamptz
  )`,
  ...rowSecurityOf("audit_chains", "shop_id"),
  ...grantsOn("audit_chains", { system: "select, insert, update" }),
  `create function keep_audit_event() returns trigger language plpgsql as $$
  begin
    if tg_op = 'DELETE' then
      if exists (select from audit_chains where shop_id = old.shop_id and anchor_sequence >= old.sequence) then
        return old;
      end if;
    elsif old.sequence is null and to_jsonb(new) - '{sequence,previous_hash,hash}'::text[]
        = to_jsonb(old) - '{sequence,previous_hash,hash}'::text[] then
      return new;
    end if;
    raise exception 'an entry of the audit log stays as it is' using errcode = 'restrict_violation';
  end $$`,
  `create trigger keep before update or delete on audit_events for each row execute function keep_audit_event()`,
  `create function keep_audit_chain() returns trigger language plpgsql as $$
  begin
    if new.last_sequence < old.last_sequence or new.anchor_sequence < old.anchor_sequence then
      raise exception 'a chain only grows' using errcode = 'restrict_violation';
    end if;
    return new;
  end $$`,
  `create trigger keep before update on audit_chains for each row execute function keep_audit_chain()`,
];

/** A person of the platform looks into one shop, for a reason, for an hour at most, and never alone. */
const breakGlass = [
  `create table break_glass_grants (
    shop_id uuid not null,
    id uuid not null,
    customer_id uuid,
    scopes text[] not null,
    minutes integer not null check (minutes between 1 and 60),
    reason bytea not null,
    requested_by uuid not null,
    requested_at timestamptz not null,
    decided_by uuid check (decided_by <> requested_by),
    approved_at timestamptz,
    refused_at timestamptz,
    told_at timestamptz,
    ends_at timestamptz,
    revoked_by uuid,
    revoked_at timestamptz,
    end_told_at timestamptz,
    primary key (shop_id, id),
    check (approved_at is null or refused_at is null),
    check ((approved_at is null) = (ends_at is null)),
    check (decided_by is not null or (approved_at is null and refused_at is null)),
    check (ends_at <= approved_at + interval '60 minutes')
  )`,
  `create unique index break_glass_grants_id on break_glass_grants (id)`,
  `create index break_glass_grants_untold on break_glass_grants (ends_at)
    where approved_at is not null and end_told_at is null`,
  ...rowSecurityOf("break_glass_grants", "shop_id"),
  `create policy admin on break_glass_grants to app_admin using (true) with check (true)`,
  `grant select, insert, update (decided_by, approved_at, refused_at, ends_at, revoked_by, revoked_at)
    on break_glass_grants to app_admin`,
  ...grantsOn("break_glass_grants", {
    api: "select",
    worker: "select, update (told_at, end_told_at)",
    system: "select",
  }),
  // What was looked at under a grant is counted from the log.
  `create index audit_events_break_glass on audit_events (shop_id, resource_id) where action = 'break_glass.read'`,
  `grant select on audit_events to app_worker`,
];

/** Data of one person goes outside because a law says so: two approve, and the owner hears of it as soon as they may. */
const disclosures = [
  `create table disclosures (
    shop_id uuid not null,
    id uuid not null,
    subject_id uuid not null,
    ground text not null check (ground in ('court_order', 'authority', 'law', 'rights_and_safety')),
    basis bytea not null,
    proposed_by uuid not null,
    proposed_at timestamptz not null,
    barred_until timestamptz,
    first_approved_by uuid check (first_approved_by <> proposed_by),
    first_approved_at timestamptz,
    second_approved_by uuid check (second_approved_by <> proposed_by),
    approved_at timestamptz,
    refused_by uuid,
    refused_at timestamptz,
    package_id uuid,
    built_at timestamptz,
    told_at timestamptz,
    primary key (shop_id, id),
    check (first_approved_by <> second_approved_by),
    check (approved_at is null or (first_approved_by is not null and second_approved_by is not null)),
    check (approved_at is null or refused_at is null),
    check (built_at is null or approved_at is not null),
    check (told_at is null or approved_at is not null)
  )`,
  `create unique index disclosures_id on disclosures (id)`,
  `create index disclosures_open on disclosures (approved_at)
    where approved_at is not null and (built_at is null or told_at is null)`,
  ...rowSecurityOf("disclosures", "shop_id"),
  `create policy admin on disclosures to app_admin using (true) with check (true)`,
  `grant select, insert, update (first_approved_by, first_approved_at, second_approved_by, approved_at, refused_by,
    refused_at) on disclosures to app_admin`,
  ...grantsOn("disclosures", {
    api: "select",
    worker: "select, update (package_id, built_at, told_at)",
    system: "select",
  }),
];

const ofThePlatform = `shop_id = '00000000-0000-0000-0000-000000000000'`;

/** Each quarter somebody says of each access whether it stays: an owner for a shop, compliance for the platform. */
const accessReviews = [
  `create table access_reviews (
    shop_id uuid not null,
    id uuid not null,
    opened_at timestamptz not null,
    due_at timestamptz not null,
    reminded_at timestamptz,
    signed_by uuid,
    signed_at timestamptz,
    primary key (shop_id, id)
  )`,
  `create unique index access_reviews_open on access_reviews (shop_id) where signed_at is null`,
  `create index access_reviews_opened on access_reviews (shop_id, opened_at)`,
  `create table access_review_items (
    shop_id uuid not null,
    review_id uuid not null,
    kind text not null check (kind in ('member', 'api_key', 'platform_role')),
    access_id uuid not null,
    detail text not null,
    decision text not null check (decision in ('keep', 'remove')),
    primary key (shop_id, review_id, kind, access_id, detail),
    foreign key (shop_id, review_id) references access_reviews (shop_id, id)
  )`,
  ...["access_reviews", "access_review_items"].flatMap((table) => [
    ...rowSecurityOf(table, "shop_id"),
    `create policy admin on ${table} to app_admin using (${ofThePlatform}) with check (${ofThePlatform})`,
  ]),
  ...grantsOn("access_reviews", {
    api: "select, update (signed_by, signed_at)",
    worker: "select, insert, update (reminded_at)",
    system: "select",
  }),
  ...grantsOn("access_review_items", { api: "select, insert" }),
  `grant select, update (signed_by, signed_at) on access_reviews to app_admin`,
  `grant select, insert on access_review_items to app_admin`,
];

/** Who looked at what can be proven, and nobody of the platform looks into a shop alone or unseen. */
export const auditAndAccess: readonly string[] = [...chain, ...breakGlass, ...disclosures, ...accessReviews];
