/** A slip that no order waited for has its own process: the owner is reminded, and its money may be given back. */
export const unmatchedEvidence: readonly string[] = [
  `alter table payment_evidence add column remind_at timestamptz`,
  `alter table payment_evidence drop constraint payment_evidence_state_check`,
  `alter table payment_evidence add constraint payment_evidence_state_check
    check (state in ('undecided', 'accepted', 'refused', 'unmatched', 'returned'))`,
  `create index payment_evidence_unmatched on payment_evidence (id) where state = 'unmatched'`,
  // Money that belonged to no order came and went back.
  `alter table payment_entries alter column order_id drop not null`,
  `alter table payment_entries add constraint payment_entries_belongs
    check (order_id is not null or evidence_id is not null)`,
];
