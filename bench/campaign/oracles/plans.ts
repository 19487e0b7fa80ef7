import { toTypeId } from "../../../domain/id.ts";
import type { Oracle, Violation } from "./observation.ts";

type RequestRow = {
  id: string;
  state: string;
  is_alone_enough: boolean;
  payments: number;
  activations: number;
  grants: number;
  notices: number;
};

const requestRows = `select r.id, r.state, not r.needs_second_approval as is_alone_enough,
    (select count(*)::int from plan_payments p where p.shop_id = r.shop_id and p.request_id = r.id)
      + (select count(*)::int from top_up_payments p where p.shop_id = r.shop_id and p.request_id = r.id) as payments,
    (select count(*)::int from audit_events a where a.shop_id = r.shop_id and a.resource_id = r.id
      and a.action in ('subscription.activated', 'credits.topped_up')) as activations,
    (select count(*)::int from credit_grants g where g.shop_id = r.shop_id
      and g.effect_key in ('plan:' || r.id, 'top_up:' || r.id)) as grants,
    (select count(*)::int from owner_notices n where n.shop_id = r.shop_id
      and n.business_key like r.id || ':' || r.state || ':%') as notices
  from upgrade_requests r`;

/** I5, I6: an approved request for a plan or for credits was paid, had its effect and was told once; any other had none. */
export const plansAreActivatedOnce: Oracle = async ({ rows, platform }) => {
  const requests = await rows<RequestRow>(requestRows);
  const violations: Violation[] = [];
  const wrong = (id: string, what: string) =>
    violations.push({ invariant: "I6", what: `${toTypeId("upg", id)} ${what}` });
  for (const { id, state, payments, activations, grants, notices } of requests) {
    const times = state === "approved" ? 1 : 0;
    if (payments !== times) wrong(id, `is ${state} and was paid ${payments} times`);
    if (activations !== times) wrong(id, `is ${state} and was activated ${activations} times`);
    if (grants !== times) wrong(id, `is ${state} and brought credits ${grants} times`);
    const told = state === "approved" || state === "rejected" ? 1 : 0;
    if (told === 1 && notices !== 1) wrong(id, `is ${state} and its owner was told ${notices} times`);
  }
  const known = new Map(requests.map((request) => [toTypeId("upg", request.id), request]));
  for (const { path, statuses } of platform) {
    const [, requestId = "", verb] = /^\/v1\/admin\/upgrade-requests\/([^/]+)\/(.+)$/.exec(path) ?? [];
    const request = known.get(requestId);
    if (request === undefined || !statuses.includes(200)) continue;
    const isMissed =
      (verb === "reject" && request.state !== "rejected") ||
      (verb === "approve" && request.is_alone_enough && request.state !== "approved");
    if (isMissed) wrong(request.id, `is ${request.state}, ${verb} was answered 200`);
  }
  return violations;
};

/** I5: each payment of somebody who was brought earned, once, what the rates say, and nothing else did. */
export const commissionsFollowPayments: Oracle = async ({ rows }) => {
  const wrong = await rows<{ what: string }>(
    `with recursive above as (
      select p.id as payment_id, p.amount_minor, 1 as level, payer.referrer_id as beneficiary_id
        from plan_payments p join referral_participants payer on payer.account_id = p.payer_account_id
        where payer.referrer_id is not null
      union all
      select a.payment_id, a.amount_minor, 2, b.referrer_id from above a
        join referral_participants b on b.id = a.beneficiary_id where a.level = 1 and b.referrer_id is not null
    ), due as (
      select payment_id, beneficiary_id, level,
        floor(amount_minor * (case level when 1 then 10 else 3 end) / 100) as amount_minor from above
    ), earned as (
      select payment_id, beneficiary_id, level, sum(amount_minor) as amount_minor, count(*) as lines
        from commissions where kind = 'earning' group by 1, 2, 3
    )
    select format('payment %s at level %s earned %s in %s lines, due is %s', coalesce(due.payment_id, earned.payment_id),
        coalesce(due.level, earned.level), earned.amount_minor, earned.lines, due.amount_minor) as what
      from due full join earned using (payment_id, beneficiary_id, level)
      where earned.lines is distinct from 1 or due.amount_minor is distinct from earned.amount_minor`,
  );
  return wrong.map(({ what }) => ({ invariant: "I5", what }));
};

/** I5: of a payment that is gone all lines come to nothing, at each level; of any other nothing was taken back. */
export const refundsLeaveNothing: Oracle = async ({ rows }) => {
  const wrong = await rows<{ what: string }>(
    `select format('payment %s (%s) owes %s at level %s, %s was taken back', c.payment_id,
         coalesce(r.state, 'not reversed'), sum(c.amount_minor), c.level,
         coalesce(sum(c.amount_minor) filter (where c.kind = 'reversal'), 0)) as what
       from commissions c left join plan_reversals r on r.payment_id = c.payment_id and r.state = 'done'
       group by c.payment_id, c.beneficiary_id, c.level, r.state
       having (r.state is not null and sum(c.amount_minor) <> 0)
         or (r.state is null and count(*) filter (where c.kind <> 'earning') > 0)`,
  );
  return wrong.map(({ what }) => ({ invariant: "I5", what }));
};
