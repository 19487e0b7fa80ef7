import { toTypeId } from "../../../domain/id.ts";
import type { ShopId } from "../../../domain/id.ts";
import type { Oracle, Violation } from "./observation.ts";

type ShopRow = {
  shop_id: ShopId;
  state: string;
  grace: number;
  limited: number;
  suspended: number;
  overdue: number;
  told_limited: number;
  told_suspended: number;
};

const shopRows = `select s.shop_id, s.state, ${events("grace")}, ${events("limited")}, ${events("suspended")},
    ${notices("plan_overdue", "overdue")}, ${notices("plan_limited", "told_limited")},
    ${notices("plan_suspended", "told_suspended")}
  from subscriptions s`;

function events(state: string): string {
  return `(select count(*)::int from audit_events a where a.shop_id = s.shop_id
    and a.action = 'subscription.${state}') as "${state}"`;
}

function notices(kind: string, name: string): string {
  return `(select count(*)::int from owner_notices n where n.shop_id = s.shop_id and n.kind = '${kind}') as ${name}`;
}

/**
 * I6: a plan that nobody renews becomes less step by step, each step happens once and is told once, and where it stands
 * is where its steps have led.
 */
export const plansEndStepByStep: Oracle = async ({ rows }) => {
  const violations: Violation[] = [];
  for (const row of await rows<ShopRow>(shopRows)) {
    const { state, grace, limited, suspended } = row;
    const wrong = (what: string) =>
      violations.push({ invariant: "I6", what: `the plan of ${toTypeId("shop", row.shop_id)} ${what}` });
    if (limited > grace || suspended > limited)
      wrong(`was ${grace} times in grace, ${limited} times limited, ${suspended} times suspended`);
    const last = { grace, limited, suspended }[state];
    if (last === 0) wrong(`is ${state} and never became so`);
    if (row.overdue !== grace) wrong(`was ${grace} times in grace, its owner was told ${row.overdue} times`);
    if (row.told_limited !== limited)
      wrong(`was limited ${limited} times, its owner was told ${row.told_limited} times`);
    if (row.told_suspended !== suspended)
      wrong(`was suspended ${suspended} times, its owner was told ${row.told_suspended} times`);
  }
  return violations;
};
