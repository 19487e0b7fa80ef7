import type { ShopTransaction } from "./connection.ts";
import type { PlanRef, PricedPlan } from "../domain/subscription/plan.ts";

/** The newest version of each plan, which is the one for sale; cheapest first where it has a price. */
export async function listOfferedPlans(trx: ShopTransaction): Promise<PricedPlan[]> {
  const newest = await trx
    .selectFrom("plans")
    .select("code")
    .select(({ fn }) => fn.max("version").as("version"))
    .groupBy("code")
    .execute();
  const refs = newest.map(({ code, version }) => ({ planCode: code, planVersion: version }));
  return readPlans(trx, refs);
}

export async function findPlan(trx: ShopTransaction, ref: PlanRef): Promise<PricedPlan | undefined> {
  const [plan] = await readPlans(trx, [ref]);
  return plan;
}

async function readPlans(trx: ShopTransaction, refs: PlanRef[]): Promise<PricedPlan[]> {
  const rows = await trx
    .selectFrom("plans as p")
    .leftJoin("plan_prices as m", (join) =>
      join.onRef("m.plan_code", "=", "p.code").onRef("m.plan_version", "=", "p.version"),
    )
    .where((eb) =>
      eb.or(
        refs.map(({ planCode, planVersion }) => eb.and({ "p.code": planCode, "p.version": planVersion })),
      ),
    )
    .select(["p.code", "p.version", "p.names", "p.period_months as periodMonths", "p.limits"])
    .select(["p.credits_per_period as creditsPerPeriod", "m.currency", "m.amount_minor as amountMinor"])
    .orderBy("p.credits_per_period")
    .orderBy("p.code")
    .execute();
  const plans = new Map<string, PricedPlan>();
  for (const { currency, amountMinor, ...version } of rows) {
    const plan = plans.get(version.code) ?? { ...version, prices: {} };
    if (currency !== null && amountMinor !== null) plan.prices[currency] = amountMinor;
    plans.set(version.code, plan);
  }
  return [...plans.values()];
}
