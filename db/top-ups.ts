import type { ShopTransaction } from "./connection.ts";
import type { TopUpPrices, TopUpRef, TopUpVersion } from "../domain/subscription/top-up.ts";

export type PricedTopUp = TopUpVersion & { prices: TopUpPrices };

/** The newest version of each package, which is the one for sale; the smallest first. */
export async function listOfferedTopUps(trx: ShopTransaction): Promise<PricedTopUp[]> {
  const newest = await trx
    .selectFrom("top_ups")
    .select("code")
    .select(({ fn }) => fn.max("version").as("version"))
    .groupBy("code")
    .execute();
  return readTopUps(
    trx,
    newest.map(({ code, version }) => ({ topUpCode: code, topUpVersion: version })),
  );
}

export async function findTopUp(trx: ShopTransaction, ref: TopUpRef): Promise<PricedTopUp | undefined> {
  const [topUp] = await readTopUps(trx, [ref]);
  return topUp;
}

async function readTopUps(trx: ShopTransaction, refs: TopUpRef[]): Promise<PricedTopUp[]> {
  const rows = await trx
    .selectFrom("top_ups as t")
    .leftJoin("top_up_prices as m", (join) =>
      join.onRef("m.top_up_code", "=", "t.code").onRef("m.top_up_version", "=", "t.version"),
    )
    .where((eb) =>
      eb.or(
        refs.map(({ topUpCode, topUpVersion }) => eb.and({ "t.code": topUpCode, "t.version": topUpVersion })),
      ),
    )
    .select(["t.code", "t.version", "t.names", "t.credits", "t.valid_days as validDays"])
    .select(["m.currency", "m.amount_minor as amountMinor"])
    .orderBy("t.credits")
    .orderBy("t.code")
    .execute();
  const topUps = new Map<string, PricedTopUp>();
  for (const { currency, amountMinor, ...version } of rows) {
    const topUp = topUps.get(version.code) ?? { ...version, prices: {} };
    if (currency !== null && amountMinor !== null) topUp.prices[currency] = amountMinor;
    topUps.set(version.code, topUp);
  }
  return [...topUps.values()];
}
