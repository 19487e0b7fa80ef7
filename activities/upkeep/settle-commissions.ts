import { matureCommissions } from "../../db/commission-states.ts";
import { screenCommissions } from "../../db/fraud-screening.ts";
import type { SettledCommissions } from "../../workflows/upkeep.contract.ts";
import type { UpkeepDeps } from "./upkeep-deps.ts";

/** Earnings, and beneficiaries, of one transaction. */
const batch = 100;

/** Safe to run twice, and beside itself: each step takes what is in the state before it, under a lock. */
export async function settleCommissions({
  db,
  clock,
}: Pick<UpkeepDeps, "db" | "clock">): Promise<SettledCommissions> {
  const now = clock.now();
  const screened = await inBatches(() =>
    db.withoutShop((trx) => screenCommissions(trx, { now, limit: batch })),
  );
  const matured = await inBatches(() =>
    db.withoutShop((trx) => matureCommissions(trx, { now, limit: batch })),
  );
  return { screened, matured };
}

async function inBatches(step: () => Promise<number>): Promise<number> {
  let total = 0;
  for (;;) {
    const count = await step();
    if (count === 0) return total;
    total += count;
  }
}
