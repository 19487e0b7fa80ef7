/** What admins do to accounts, and what a second reading of payouts and of the fraud queue found. */
export const adminsActs: readonly string[] = [
  // The same appeal, sent again after a crash, is answered as recorded.
  `alter table fraud_flags add column appeal_id uuid`,
  `grant update (appeal_id) on fraud_flags to app_api`,

  // Evidence of a payout that is never recorded goes as other bytes do that no row names.
  `alter table loose_objects drop constraint loose_objects_shop_id_fkey`, // the platform's own have no shop's row
  `grant select, insert, update (due_at) on loose_objects to app_api`,

  // Whoever suspended an account does not answer its appeal.
  `alter table accounts add column suspended_by uuid references accounts (id) on delete set null`,
  `create index accounts_suspended on accounts (suspended_at) where suspended_at is not null`,
  `create index accounts_suspended_by on accounts (suspended_by) where suspended_by is not null`,
  `grant select (suspended_for, suspended_by, created_at), update (suspended_by) on accounts to app_admin`,
  `grant select (body, created_at, decided_at, decided_by) on account_appeals to app_admin`,
  `grant select (account_id, kind, at) on account_events to app_admin`,
  // How many wait for an answer, and since when.
  `grant select (state, created_at) on account_appeals to app_system`,
];
