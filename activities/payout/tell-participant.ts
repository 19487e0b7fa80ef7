import type { ShopTransaction } from "../../db/connection.ts";
import { insertNotice } from "../../db/owner-notices.ts";
import { findParticipantAccount } from "../../db/payout-standing.ts";
import { changePayout } from "../../db/payouts.ts";
import { listMemberships } from "../../db/system.ts";
import { newId } from "../../domain/id.ts";
import type { AccountId, ShopId } from "../../domain/id.ts";
import type { PayoutRef, PayoutSnapshot } from "../../workflows/payout.contract.ts";
import type { PayoutDeps } from "./payout-deps.ts";
import { getLocked, payoutSnapshot } from "./payout-snapshot.ts";

/**
 * Tells the participant, and no other owner, what became of it, in the first of their shops; whoever has none any more is
 * told nothing. Safe to run twice: the notice and the mark that it is due change in one transaction.
 */
export async function tellParticipant(deps: PayoutDeps, { payoutId }: PayoutRef): Promise<PayoutSnapshot> {
  const now = deps.clock.now();
  const { accountId, shopId } = await findParticipant(deps, payoutId);
  const tell = async (trx: ShopTransaction) => {
    const row = await getLocked(trx, payoutId);
    const { notice_due: kind, amount_minor: amountMinor, currency } = row;
    if (kind === null) return row;
    if (accountId !== null && shopId !== null) {
      const businessKey = `${kind}:${payoutId}:${row.attempt}`;
      const data = { amountMinor, currency };
      await insertNotice(trx, { shopId, accountId, id: newId(), kind, businessKey, data, now });
    }
    return changePayout(trx, row, { notice_due: null });
  };
  const row = await (shopId === null ? deps.db.withoutShop(tell) : deps.db.withShop(shopId, tell));
  await deps.atStep("payout.committed");
  return payoutSnapshot(row, now);
}

async function findParticipant(
  { db, system }: PayoutDeps,
  payoutId: PayoutRef["payoutId"],
): Promise<{ accountId: AccountId | null; shopId: ShopId | null }> {
  const accountId = await db.withoutShop((trx) => findParticipantAccount(trx, payoutId));
  if (accountId === null) return { accountId, shopId: null };
  const memberships = await listMemberships(system, accountId);
  return { accountId, shopId: memberships.find(({ role }) => role === "owner")?.shopId ?? null };
}
