/** What privacy promises must be able to show. */
export const privacyRecords = [
  `alter table conversations add column secret_warned_at timestamptz`,
  `alter table turns add column shown_to_model jsonb`,
  // The default is for rows, and for a release, that know no other source.
  ...["carts", "orders"].map(
    (table) => `alter table ${table} add column contact_source text not null default 'customer_order_step'
      check (contact_source in ('customer_order_step', 'owner'))`,
  ),
];
