import { grantsOn, rowSecurityOf } from "./0006-access.ts";

/** Roles of a shop, invitations to it, what a key may do, and how its people are called. */
export const team: readonly string[] = [
  `alter table memberships drop constraint memberships_role_check`,
  `alter table memberships add constraint memberships_role_check
    check (role in ('owner', 'manager', 'catalogue', 'order_agent', 'finance', 'viewer', 'staff'))`,
  `grant delete on memberships to app_api`,

  `create table invitations (
    shop_id uuid not null references shops (id),
    id uuid not null,
    token_hash bytea not null unique,
    email_index bytea not null,
    email bytea not null,
    role text not null
      check (role in ('owner', 'manager', 'catalogue', 'order_agent', 'finance', 'viewer', 'staff')),
    created_by uuid not null references accounts (id),
    created_at timestamptz not null,
    expires_at timestamptz not null,
    accepted_at timestamptz,
    accepted_by uuid references accounts (id),
    revoked_at timestamptz,
    primary key (shop_id, id)
  )`,
  `create index invitations_created_by on invitations (created_by)`,
  `create index invitations_accepted_by on invitations (accepted_by) where accepted_by is not null`,
  ...rowSecurityOf("invitations", "shop_id"),
  ...grantsOn("invitations", { api: "select, insert, update", system: "select" }),

  // Null: all that a key may have, as keys had before they could be given less.
  `alter table api_keys add column scopes text[]`,

  `alter table accounts add column username_index bytea unique, add column profile bytea`,
  `grant update (username_index, profile) on accounts to app_api`,
];
