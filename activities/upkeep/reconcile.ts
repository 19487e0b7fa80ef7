import {
  listOpenErasures,
  listOpenOrders,
  listOpenPayouts,
  listOpenSubscriptions,
  listOpenUpgrades,
  listUnmatchedEvidence,
} from "../../db/system-open-rows.ts";
import { listOpenIncidents } from "../../db/system-incidents.ts";
import { listAskedRuns } from "../../db/system-retention.ts";
import { deleteEndedConnections } from "../../db/system-sweeps.ts";
import { toTypeId } from "../../domain/id.ts";
import { breachWorkflowId } from "../../workflows/breach.contract.ts";
import type {
  EvidenceId,
  IncidentId,
  OrderId,
  PayoutId,
  PrivacyRequestId,
  ShopId,
  UpgradeRequestId,
} from "../../domain/id.ts";
import { erasureWorkflowId } from "../../workflows/erasure.contract.ts";
import { evidenceWorkflowId } from "../../workflows/evidence.contract.ts";
import { orderWorkflowId } from "../../workflows/order.contract.ts";
import { payoutWorkflowId } from "../../workflows/payout.contract.ts";
import { subscriptionWorkflowId } from "../../workflows/subscription.contract.ts";
import { upgradeWorkflowId } from "../../workflows/upgrade.contract.ts";
import type { Reconciled } from "../../workflows/upkeep.contract.ts";
import { removeLooseObjects } from "./remove-loose-objects.ts";
import type { LooseObjectDeps } from "./remove-loose-objects.ts";
import { IntakeSweeper } from "./intake-sweeper.ts";
import type { SweepDeps } from "./intake-sweeper.ts";
import type { UpkeepDeps } from "./upkeep-deps.ts";

const pageSize = 500;

export type ReconcileDeps = SweepDeps & LooseObjectDeps & Pick<UpkeepDeps, "listRunning">;

/**
 * Starts a workflow for every open row that has none or whose own cannot move, rings for what waits, and removes loose
 * bytes and logins at Meta that ended: the answer to a Temporal database that was lost, restored or replaced. Harmless at
 * any time: a race with a living workflow only makes it look once more.
 */
export async function reconcile(deps: ReconcileDeps): Promise<Reconciled> {
  const running = await deps.listRunning();
  const result: Reconciled = { openRows: 0, startedProcesses: 0, rungConversations: 0 };
  for await (const row of openRows(deps)) {
    result.openRows += 1;
    if (running.has(row.workflowId) && !row.isLate) continue;
    await row.ring();
    if (!running.has(row.workflowId) && row.isNew !== true) result.startedProcesses += 1;
  }
  for (const runId of await listAskedRuns(deps.system)) await deps.processes.sweepRetention({ runId });
  result.rungConversations = await new IntakeSweeper(deps).look();
  await removeLooseObjects(deps);
  await deleteEndedConnections(deps.system, deps.clock.now());
  return result;
}

/** The workflows that should run and do not; those of new shops begin with the next `reconcile`. */
export async function listUnserved(deps: ReconcileDeps): Promise<string[]> {
  const running = await deps.listRunning();
  const missing: string[] = [];
  for await (const { workflowId, isNew } of openRows(deps)) {
    if (isNew !== true && !running.has(workflowId)) missing.push(workflowId);
  }
  return missing;
}

/** `isLate`: its deadline has passed and nothing came of it. `isNew`: it is begun here, and was not lost. */
type OpenRow = { workflowId: string; isLate: boolean; isNew?: boolean; ring(): Promise<void> };

/**
 * Every row that a workflow must stand behind: open orders, slips that belong to none, requests for a plan, payouts,
 * incidents that are not over, erasures of which something is left, subscriptions that have a deadline.
 */
async function* openRows({ system, processes, clock, patience }: ReconcileDeps): AsyncGenerator<OpenRow> {
  const lateBefore = clock.now().getTime() - patience.lateMs;
  const isPast = (dueAt: Date | null) => dueAt !== null && dueAt.getTime() < lateBefore;
  const orders = pages(
    (after: OrderId | null) => listOpenOrders(system, { after, limit: pageSize }),
    lastOrder,
  );
  for await (const order of orders) {
    const workflowId = orderWorkflowId(toTypeId("ord", order.orderId));
    const isLate = isPast(order.dueAt);
    yield { workflowId, isLate, ring: () => processes.ringOrder({ ...order, isLate }) };
  }
  const slips = pages(
    (after: EvidenceId | null) => listUnmatchedEvidence(system, { after, limit: pageSize }),
    lastSlip,
  );
  for await (const slip of slips) {
    const workflowId = evidenceWorkflowId(toTypeId("evd", slip.evidenceId));
    const isLate = isPast(slip.dueAt);
    yield { workflowId, isLate, ring: () => processes.ringEvidence({ ...slip, isLate }) };
  }
  const upgrades = pages(
    (after: UpgradeRequestId | null) => listOpenUpgrades(system, { after, limit: pageSize }),
    lastUpgrade,
  );
  for await (const upgrade of upgrades) {
    const workflowId = upgradeWorkflowId(toTypeId("upg", upgrade.requestId));
    const isLate = isPast(upgrade.dueAt);
    yield { workflowId, isLate, ring: () => processes.ringUpgrade({ ...upgrade, isLate }) };
  }
  const payouts = pages(
    (after: PayoutId | null) => listOpenPayouts(system, { after, limit: pageSize }),
    lastPayout,
  );
  for await (const payout of payouts) {
    const workflowId = payoutWorkflowId(toTypeId("ptc", payout.participantId), payout.period);
    const isLate = isPast(payout.dueAt);
    yield { workflowId, isLate, ring: () => processes.ringPayout({ ...payout, isLate }) };
  }
  const incidents = pages(
    (after: IncidentId | null) => listOpenIncidents(system, { after, limit: pageSize }),
    lastIncident,
  );
  for await (const { incidentId, dueAt } of incidents) {
    const workflowId = breachWorkflowId(toTypeId("inc", incidentId));
    const isLate = isPast(dueAt);
    yield { workflowId, isLate, ring: () => processes.ringBreach({ incidentId, isLate }) };
  }
  const now = clock.now();
  const erasures = pages(
    (after: PrivacyRequestId | null) => listOpenErasures(system, { after, limit: pageSize, now }),
    lastErasure,
  );
  for await (const erasure of erasures) {
    const workflowId = erasureWorkflowId(toTypeId("pvr", erasure.requestId));
    yield { workflowId, isLate: false, ring: () => processes.ringErasure(erasure) };
  }
  const subscriptions = pages(
    (after: ShopId | null) => listOpenSubscriptions(system, { after, limit: pageSize, now }),
    lastShop,
  );
  for await (const { shopId, dueAt, isNew } of subscriptions) {
    const workflowId = subscriptionWorkflowId(toTypeId("shop", shopId));
    const isLate = isPast(dueAt);
    yield { workflowId, isLate, isNew, ring: () => processes.ringSubscription({ shopId, isLate }) };
  }
}

const lastOrder = ({ orderId }: { orderId: OrderId }) => orderId;
const lastUpgrade = ({ requestId }: { requestId: UpgradeRequestId }) => requestId;
const lastPayout = ({ payoutId }: { payoutId: PayoutId }) => payoutId;
const lastIncident = ({ incidentId }: { incidentId: IncidentId }) => incidentId;
const lastShop = ({ shopId }: { shopId: ShopId }) => shopId;
const lastErasure = ({ requestId }: { requestId: PrivacyRequestId }) => requestId;
const lastSlip = ({ evidenceId }: { evidenceId: EvidenceId }) => evidenceId;

async function* pages<Row, Id>(
  list: (after: Id | null) => Promise<Row[]>,
  idOf: (row: Row) => Id,
): AsyncGenerator<Row> {
  for (let after: Id | null = null; ;) {
    const page: Row[] = await list(after);
    yield* page;
    const last = page.at(-1);
    if (last === undefined || page.length < pageSize) return;
    after = idOf(last);
  }
}
