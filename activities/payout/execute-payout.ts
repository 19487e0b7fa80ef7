import { beginPayout, endPayout } from "../../db/payouts.ts";
import type { PayoutEnd, PayoutRow } from "../../db/payouts.ts";
import { toTypeId } from "../../domain/id.ts";
import type { PayoutOrder, PayoutOutcome } from "../../domain/ports/payout-provider.ts";
import type { PayoutRef, PayoutSnapshot } from "../../workflows/payout.contract.ts";
import type { PayoutDeps } from "./payout-deps.ts";
import { getLocked, payoutSnapshot } from "./payout-snapshot.ts";

/**
 * Orders the money of an approved payout. Safe to run twice: the row says that money may be on its way before it is
 * ordered, and whoever finds it so asks the provider first.
 */
export async function executePayout(deps: PayoutDeps, { payoutId }: PayoutRef): Promise<PayoutSnapshot> {
  const { row, isBegun } = await deps.db.withoutShop(async (trx) => {
    const row = await getLocked(trx, payoutId);
    if (row.state !== "approved") return { row, isBegun: false };
    const { payout = row } = await beginPayout(trx, { payoutId, now: deps.clock.now() });
    return { row: payout, isBegun: payout.state === "executing" };
  });
  await deps.atStep("payout.begun");
  const after = row.state === "executing" ? await settle(deps, row, { isBegun }) : row;
  return payoutSnapshot(after, deps.clock.now());
}

/** What became of the attempt, as far as the provider knows; what it has never heard of is ordered, once. */
export async function settle(
  { db, clock, atStep, payoutProvider }: PayoutDeps,
  row: PayoutRow,
  { isBegun }: { isBegun: boolean },
): Promise<PayoutRow> {
  const order: PayoutOrder = {
    key: toTypeId("pout", row.id),
    attempt: row.attempt,
    money: { amountMinor: row.amount_minor, currency: row.currency },
  };
  const seen: PayoutOutcome = isBegun ? { outcome: "unordered" } : await payoutProvider.look(order);
  const known = seen.outcome === "unordered" ? await payoutProvider.order(order) : seen;
  await atStep("payout.ordered");
  const end = endOf(known);
  if (end === null) return row;
  return db.withoutShop(async (trx) => {
    const attempt = { payoutId: row.id, attempt: row.attempt, now: clock.now() };
    const { payout = row } = await endPayout(trx, { ...attempt, end });
    return payout;
  });
}

function endOf(known: PayoutOutcome): PayoutEnd | null {
  switch (known.outcome) {
    case "paid":
      return { state: "paid", uploadId: null };
    case "failed":
      return { state: "failed", failure: known.failure };
    case "awaited":
    case "unordered":
      return null;
  }
}
