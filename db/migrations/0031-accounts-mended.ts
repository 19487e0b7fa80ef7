/** What a second reading of accounts and team found: look-ups by address, and rights that were too wide. */
export const accountsMended: readonly string[] = [
  `create index invitations_email_index on invitations (email_index, created_at)`,

  // What was accepted stays for good, but for a sign-up that is begun anew: the person who accepted is another one.
  `create function forget_acceptances(account uuid) returns void
    language sql security definer set search_path = public, pg_temp as $$
      delete from policy_acceptances p using accounts a
      where p.account_id = account and a.id = account and a.verified_at is null
    $$`,
  `revoke all on function forget_acceptances from public`,
  `grant execute on function forget_acceptances to app_api`,
  `grant delete on known_devices to app_api`,

  // An invitation is what it was: for whom, for which role, and by whom.
  `revoke update on invitations from app_api`,
  `grant update (accepted_at, accepted_by, revoked_at) on invitations to app_api`,

  // Suspensions and appeals are decided by admins; what serves the people who are decided about cannot.
  `revoke update (suspended_at, suspended_for) on accounts from app_api`,
  `revoke update (state, decided_at, decided_by) on account_appeals from app_api`,
  `grant select (id, language, suspended_at), update (suspended_at, suspended_for) on accounts to app_admin`,
  `grant select (account_id, ended_at), update (ended_at) on sessions to app_admin`,
  `grant select (account_id), delete on sign_in_steps to app_admin`,
  `grant select (id, account_id, state), update (state, decided_at, decided_by) on account_appeals to app_admin`,
  `grant select (business_key), insert on mails to app_admin`,

  // The sweep of what is over; accounts that nobody proved go with their keys.
  `grant delete on accounts, sessions, invitations to app_system`,
  `grant select (token_hash, account_id, created_at, used_at, expires_at), delete on account_tokens to app_system`,
  `grant select (token_hash, account_id, expires_at), delete on sign_in_steps to app_system`,
  `grant select (id, account_id, state, created_at), delete on mails to app_system`,
  `grant select (account_id), delete on policy_acceptances, known_devices, account_events to app_system`,
  `grant select (shop_id, subject_id), delete on subject_keys to app_system`,
  `grant delete on subjects to app_system`,
  `grant select (account_id) on account_appeals to app_system`,

  `revoke update on mails from app_worker`,
  `grant update (state, attempts, next_attempt_at, secret, sent_at, error_code) on mails to app_worker`,
];
