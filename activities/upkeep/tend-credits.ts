import { endShortness, lapseCredits, settleCredits } from "../../db/credits.ts";
import { listLeftReservations, listShopsWithCreditErrands } from "../../db/system-credits.ts";
import type { UpkeepDeps } from "./upkeep-deps.ts";

const batch = 100;

export type CreditDeps = Pick<UpkeepDeps, "db" | "system" | "clock" | "log">;

/**
 * Gives back what turns that are over left reserved, takes out what is left of grants that are over, and lets the agent
 * answer again where credits have come. Safe to run twice: each is a guarded change. Answers how much there was to do.
 */
export async function tendCredits(deps: CreditDeps): Promise<number> {
  const { db, system, clock } = deps;
  const left = await listLeftReservations(system, batch);
  for (const { shopId, turnId } of left) {
    await attempt(deps, { shopId, turnId }, () =>
      db.withShop(shopId, (trx) => settleCredits(trx, { shopId, turnId, charge: null, now: clock.now() })),
    );
  }
  const shops = await listShopsWithCreditErrands(system, clock.now());
  for (const shopId of shops) {
    await attempt(deps, { shopId }, () =>
      db.withShop(shopId, async (trx) => {
        const now = clock.now();
        await endShortness(trx, { shopId, now });
        await lapseCredits(trx, { shopId, now });
      }),
    );
  }
  return left.length + shops.length;
}

/** One shop's trouble must not hold the others; it stays due. */
async function attempt(deps: CreditDeps, what: object, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    deps.log.error({ ...what, err: error }, "credits.not_tended");
  }
}
