import { appendAudit } from "../../db/audit-events.ts";
import type { ShopTransaction } from "../../db/connection.ts";
import { checkPaymentsNow } from "../../db/gateway-payments.ts";
import { mailAdmins } from "../../db/mail-admins.ts";
import { insertNotice } from "../../db/owner-notices.ts";
import { changeUpgradeRequest, lockUpgradeRequest, upgradeStanding } from "../../db/upgrade-requests.ts";
import type { UpgradeChange, UpgradeRequestRow } from "../../db/upgrade-requests.ts";
import { newId } from "../../domain/id.ts";
import { isOpenUpgrade, nextUpgradeDeadline, purgeDueAt } from "../../domain/subscription/upgrade.ts";
import type { UpgradeDeadline } from "../../domain/subscription/upgrade.ts";
import type { UpgradeRef, UpgradeSnapshot } from "../../workflows/upgrade.contract.ts";
import type { ActivityDeps } from "../deps.ts";
import { upgradeSnapshot } from "./upgrade-snapshot.ts";

/** What a deadline changes; beside it stands in the transaction whatever must happen with it. */
type Meeting = (trx: ShopTransaction, due: { row: UpgradeRequestRow; now: Date }) => Promise<UpgradeChange>;

/** Those who may decide get a mail; the log and the age of the queue wake them as well. */
export function remindOfUpgrade(deps: ActivityDeps, ref: UpgradeRef): Promise<UpgradeSnapshot> {
  return meetDeadline(deps, ref, "remindOfUpgrade", async (trx, { row, now }) => {
    deps.log.info({ ...ref }, "upgrade.waits");
    await mailDeciders(trx, { row, kind: "upgrade_waits", now });
    return { reminded_at: now };
  });
}

export function escalateUpgrade(deps: ActivityDeps, ref: UpgradeRef): Promise<UpgradeSnapshot> {
  return meetDeadline(deps, ref, "escalateUpgrade", async (trx, { row, now }) => {
    deps.log.warn({ ...ref }, "upgrade.waits_too_long");
    await mailDeciders(trx, { row, kind: "upgrade_waits_long", now });
    return { escalated_at: now };
  });
}

/** One mail to each for every proof that waits. */
function mailDeciders(
  trx: ShopTransaction,
  { row, kind, now }: { row: UpgradeRequestRow; kind: "upgrade_waits" | "upgrade_waits_long"; now: Date },
): Promise<void> {
  const businessKey = `${kind}:${row.id}:${row.submitted_at?.toISOString() ?? ""}`;
  return mailAdmins(trx, { role: "subscription_admin", kind, businessKey, now });
}

/** Nobody handed in evidence, or nobody decided about it: the request ends, and its owner is told. */
export function lapseUpgrade(deps: ActivityDeps, ref: UpgradeRef): Promise<UpgradeSnapshot> {
  return meetDeadline(deps, ref, "lapseUpgrade", async (trx, { row, now }) => {
    const { shopId, requestId } = ref;
    const { amount_minor: amountMinor, currency } = row;
    const event = { shopId, actorKind: "system" as const, actorId: null, resourceId: requestId };
    await appendAudit(trx, { ...event, action: "upgrade.lapsed", data: { was: row.state }, now });
    const businessKey = `${requestId}:lapsed`;
    const data = { amountMinor, currency };
    await insertNotice(trx, { shopId, id: newId(), kind: "upgrade_lapsed", businessKey, data, now });
    const standing = { submittedAt: row.submitted_at, timings: row.timings };
    return { state: "lapsed", ended_at: now, purge_due_at: purgeDueAt(standing, now) };
  });
}

/**
 * Does what is due when it is due, by the row's word, and answers how the row stands then. Safe to run twice: the row is
 * locked, and a deadline that was met is no longer the next one.
 */
export async function meetDeadline(
  deps: ActivityDeps,
  ref: UpgradeRef,
  deadline: UpgradeDeadline,
  meet: Meeting,
): Promise<UpgradeSnapshot> {
  const now = deps.clock.now();
  const row = await deps.db.withShop(ref.shopId, async (trx) => {
    const row = await lockUpgradeRequest(trx, ref);
    const next = nextUpgradeDeadline(upgradeStanding(row));
    if (next?.deadline !== deadline || next.at > now) return row;
    const set = await meet(trx, { row, now });
    const after = await changeUpgradeRequest(trx, { ...ref, from: row.state, set });
    if (isOpenUpgrade(row.state) && !isOpenUpgrade(after.state)) await closeCodes(trx, ref, now);
    return after;
  });
  await deps.atStep("upgrade.committed");
  return upgradeSnapshot(row, now);
}

/** Nothing waits for money any more: the codes that were shown are closed at the provider as soon as somebody looks. */
export function closeCodes(
  trx: ShopTransaction,
  { shopId, requestId }: UpgradeRef,
  now: Date,
): Promise<void> {
  return checkPaymentsNow(trx, { shopId, purpose: "upgrade", ownerId: requestId, now });
}
