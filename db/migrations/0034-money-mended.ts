/** What a second reading of the money of plans found: what is taken back, of whom, and how the money goes back. */
export const moneyMended: readonly string[] = [
  // What is paid ahead may begin later, and its credits last as long.
  `grant update (expires_at) on credit_grants to app_worker`,

  // A payment is for a plan or for a package of credits; either can be taken back.
  `alter table plan_reversals drop constraint plan_reversals_shop_id_payment_id_fkey,
    add column bought text not null default 'plan' check (bought in ('plan', 'top_up'))`,
  `alter table plan_reversals
    add column plan_payment_id uuid generated always as (case bought when 'plan' then payment_id end) stored,
    add column top_up_payment_id uuid generated always as (case bought when 'top_up' then payment_id end) stored,
    add foreign key (shop_id, plan_payment_id) references plan_payments (shop_id, id),
    add foreign key (shop_id, top_up_payment_id) references top_up_payments (shop_id, id)`,
  ...["plan_payment_id", "top_up_payment_id"].map(
    (column) => `create index plan_reversals_${column} on plan_reversals (shop_id, ${column})`,
  ),
  // Of either kind; a reversal refers to it with its note.
  `alter table plan_reversal_notes drop constraint plan_reversal_notes_shop_id_payment_id_fkey`,
  `create index top_up_payments_id on top_up_payments (id)`,

  // A refund goes back the way it came, or by hand where it came by transfer; a chargeback is gone already.
  `alter table plan_reversals
    add column refund_way text check (refund_way in ('gateway', 'transfer')),
    add column gateway_payment_id uuid,
    add column refunded_at timestamptz,
    add column refunded_by uuid references accounts (id),
    add column refund_note_id uuid,
    add foreign key (shop_id, gateway_payment_id) references gateway_payments (shop_id, id),
    add foreign key (shop_id, refund_note_id) references plan_reversal_notes (shop_id, id),
    add check (refund_way is null or (kind = 'refund' and state = 'done')),
    add check (refunded_at is null or refund_way is not null),
    add check ((refund_note_id is null) = (refunded_by is null))`,
  `create index plan_reversals_refunded_by on plan_reversals (refunded_by)`,
  `create index plan_reversals_gateway_payment on plan_reversals (shop_id, gateway_payment_id)`,
  `create index plan_reversals_refund_note on plan_reversals (shop_id, refund_note_id)`,
  `grant update (refunded_at, refunded_by, refund_note_id) on plan_reversals to app_admin`,

  // What is only proposed can be withdrawn, with what was written about it.
  `create policy proposed_only on plan_reversals as restrictive for delete to app_admin using (state = 'proposed')`,
  `grant delete on plan_reversals, plan_reversal_notes to app_admin`,

  // The owner reads why.
  `grant select on plan_reversals, plan_reversal_notes to app_api`,
];
