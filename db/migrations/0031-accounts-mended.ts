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
];
