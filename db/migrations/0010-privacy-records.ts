/** What privacy promises must be able to show. */
export const privacyRecords = [`alter table conversations add column secret_warned_at timestamptz`];
