import type { ShopTransaction } from "../../db/connection.ts";
import { mailAdmins } from "../../db/mail-admins.ts";
import { payoutWaits } from "../../db/payout-standing.ts";
import { changePayout, gatePayout as gate } from "../../db/payouts.ts";
import type { PayoutRow } from "../../db/payouts.ts";
import { nextPayoutDeadline } from "../../domain/payout/deadlines.ts";
import type { PayoutRef, PayoutSnapshot } from "../../workflows/payout.contract.ts";
import { settle } from "./execute-payout.ts";
import type { PayoutDeps } from "./payout-deps.ts";
import { getLocked, payoutSnapshot } from "./payout-snapshot.ts";

/** Safe to run twice; also where there is nothing to hold or to let go on. */
export async function gatePayout(deps: PayoutDeps, { payoutId }: PayoutRef): Promise<PayoutSnapshot> {
  const now = deps.clock.now();
  const row = await deps.db.withoutShop(async (trx) => {
    const { payout } = await gate(trx, { payoutId, now });
    return payout ?? getLocked(trx, payoutId);
  });
  await deps.atStep("payout.committed");
  return payoutSnapshot(row, now);
}

/** Those for whom it waits get a mail; the log and the age of the queue wake them as well. */
export function remindOfPayout(deps: PayoutDeps, ref: PayoutRef): Promise<PayoutSnapshot> {
  return meetDeadline(deps, ref, "remindOfPayout", async (trx, row, now) => {
    deps.log.info({ ...ref, state: row.state }, "payout.waits");
    await mailWaitedFor(trx, { row, kind: "payout_waits", now });
    return { reminded_at: now };
  });
}

export function escalatePayout(deps: PayoutDeps, ref: PayoutRef): Promise<PayoutSnapshot> {
  return meetDeadline(deps, ref, "escalatePayout", async (trx, row, now) => {
    deps.log.warn({ ...ref, state: row.state }, "payout.waits_too_long");
    await mailWaitedFor(trx, { row, kind: "payout_waits_long", now });
    return { escalated_at: now };
  });
}

type Waiting = { row: PayoutRow; kind: "payout_waits" | "payout_waits_long"; now: Date };

/** An approver approves; all else is a maker's. One mail to each for every time that it is due. */
function mailWaitedFor(trx: ShopTransaction, { row, kind, now }: Waiting): Promise<void> {
  const role = row.state === "proposed" ? "payout_approver" : "payout_admin";
  return mailAdmins(trx, { role, kind, businessKey: `${kind}:${row.id}:${row.version}`, now });
}

/**
 * Does what is due when it is due, by the row's word, and answers how the row stands then. What may be on its way is
 * looked up before anybody is reminded. Safe to run twice: the row is locked, and a deadline that was met is no longer
 * the next one.
 */
async function meetDeadline(
  deps: PayoutDeps,
  { payoutId }: PayoutRef,
  deadline: "remindOfPayout" | "escalatePayout",
  meet: (
    trx: ShopTransaction,
    row: PayoutRow,
    now: Date,
  ) => Promise<{ reminded_at: Date } | { escalated_at: Date }>,
): Promise<PayoutSnapshot> {
  const now = deps.clock.now();
  const found = await deps.db.withoutShop((trx) => getLocked(trx, payoutId));
  if (found.state === "executing") await settle(deps, found, { isBegun: false });
  const row = await deps.db.withoutShop(async (trx) => {
    const row = await getLocked(trx, payoutId);
    const next = nextPayoutDeadline(payoutWaits(row));
    if (next?.deadline !== deadline || next.at > now) return row;
    return changePayout(trx, row, await meet(trx, row, now));
  });
  await deps.atStep("payout.committed");
  return payoutSnapshot(row, now);
}
