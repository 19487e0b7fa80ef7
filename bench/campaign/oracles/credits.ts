import { toTypeId } from "../../../domain/id.ts";
import type { Oracle } from "./observation.ts";

/**
 * I8: every transaction of credits sums to zero, no account of a grant falls below zero, and a grant has what its lines
 * say; no reservation is open, and a turn in which the model answered was charged once, by the lines too.
 */
export const creditsAddUp: Oracle = async ({ rows }) => {
  const wrong = await rows<{ what: string }>(
    `select format('transaction %s sums to %s', transaction_id, sum(credits)) as what
     from credit_lines group by shop_id, transaction_id having sum(credits) <> 0
     union all
     select format('grant %s has %s of %s', grant_id, sum(credits), account)
     from credit_lines where account <> 'issued' group by shop_id, grant_id, account having sum(credits) < 0
     union all
     select format('grant %s has %s and %s, its lines say %s and %s', g.id, g.available, g.reserved,
       coalesce(sum(l.credits) filter (where l.account = 'available'), 0),
       coalesce(sum(l.credits) filter (where l.account = 'reserved'), 0))
     from credit_grants g left join credit_lines l on l.shop_id = g.shop_id and l.grant_id = g.id
     group by g.shop_id, g.id
     having g.available <> coalesce(sum(l.credits) filter (where l.account = 'available'), 0)
       or g.reserved <> coalesce(sum(l.credits) filter (where l.account = 'reserved'), 0)`,
  );
  const turns = await rows<{ id: string; what: string }>(
    `select turn_id as id, 'still has credits reserved' as what from credit_reservations where state = 'reserved'
     union all
     select r.turn_id, format('was charged %s, its lines say %s', r.charged, coalesce(sum(l.credits), 0))
     from credit_reservations r left join credit_lines l on l.shop_id = r.shop_id
       and l.transaction_id = r.settle_transaction and l.account = 'used'
     group by r.shop_id, r.turn_id, r.charged having r.charged <> coalesce(sum(l.credits), 0)
     union all
     select t.id, 'was answered by the model and not charged' from turns t
     where t.output_tokens > 0 and not exists (select from credit_reservations r
       where r.shop_id = t.shop_id and r.turn_id = t.id and r.state = 'settled')`,
  );
  return [
    ...wrong.map(({ what }) => ({ invariant: "I8", what })),
    ...turns.map(({ id, what }) => ({ invariant: "I8", what: `${toTypeId("turn", id)} ${what}` })),
  ];
};
