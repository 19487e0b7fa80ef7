/** What a second reading of accounts and team found: look-ups by address, and rights that were too wide. */
export const accountsMended: readonly string[] = [
  `create index invitations_email_index on invitations (email_index, created_at)`,
];
