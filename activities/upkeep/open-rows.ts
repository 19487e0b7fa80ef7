import { listOpenIncidents } from "../../db/system-incidents.ts";
import {
  listOpenErasures,
  listOpenOrders,
  listOpenPayouts,
  listOpenPrivacyRequests,
  listOpenSubscriptions,
  listOpenUpgrades,
  listUnmatchedEvidence,
} from "../../db/system-open-rows.ts";
import type { OpenIncident } from "../../db/system-incidents.ts";
import type {
  OpenErasure,
  OpenEvidence,
  OpenOrder,
  OpenPayout,
  OpenPrivacyRequest,
  OpenSubscription,
  OpenUpgrade,
} from "../../db/system-open-rows.ts";
import { toTypeId } from "../../domain/id.ts";
import type {
  EvidenceId,
  IncidentId,
  OrderId,
  PayoutId,
  PrivacyRequestId,
  ShopId,
  UpgradeRequestId,
} from "../../domain/id.ts";

import { breachWorkflowId } from "../../workflows/breach.contract.ts";
import { erasureWorkflowId } from "../../workflows/erasure.contract.ts";
import { evidenceWorkflowId } from "../../workflows/evidence.contract.ts";
import { orderWorkflowId } from "../../workflows/order.contract.ts";
import { payoutWorkflowId } from "../../workflows/payout.contract.ts";
import { privacyWorkflowId } from "../../workflows/privacy-request.contract.ts";
import { subscriptionWorkflowId } from "../../workflows/subscription.contract.ts";
import { upgradeWorkflowId } from "../../workflows/upgrade.contract.ts";
import type { UpkeepDeps } from "./upkeep-deps.ts";

type Deps = Pick<UpkeepDeps, "system" | "processes" | "clock" | "patience">;

/** `isLate`: its deadline has passed and nothing came of it. `isNew`: it is begun here, and was not lost. */
export type OpenRow = { workflowId: string; isLate: boolean; isNew?: boolean; ring(): Promise<void> };

const pageSize = 500;

/** What a row may say of itself. */
type Standing = { dueAt?: Date | null; isNew?: boolean };
type Page<Id> = { after: Id | null; limit: number };
/** Rows of one noun: how they are listed, by which id their pages go on, and what stands behind each. */
type Noun<Row, Id extends string> = {
  list: (page: Page<Id>) => Promise<Row[]>;
  idOf: (row: Row) => Id;
  workflowIdOf: (row: Row) => string;
  ring: (row: Row, isLate: boolean) => Promise<void>;
};

/**
 * Every row that a workflow must stand behind: open orders, slips that belong to none, requests for a plan and about
 * privacy, payouts, incidents, erasures of which something is left, subscriptions that have a deadline.
 */
export async function* openRows(deps: Deps): AsyncGenerator<OpenRow> {
  yield* rowsOfShops(deps);
  yield* rowsOfThePlatform(deps);
  yield* rowsOfPrivacy(deps);
}

async function* rowsOfShops(deps: Deps): AsyncGenerator<OpenRow> {
  const { system, processes, clock } = deps;
  yield* rowsOf<OpenOrder, OrderId>(deps, {
    list: (page) => listOpenOrders(system, page),
    idOf: ({ orderId }) => orderId,
    workflowIdOf: ({ orderId }) => orderWorkflowId(toTypeId("ord", orderId)),
    ring: (order, isLate) => processes.ringOrder({ ...order, isLate }),
  });
  yield* rowsOf<OpenEvidence, EvidenceId>(deps, {
    list: (page) => listUnmatchedEvidence(system, page),
    idOf: ({ evidenceId }) => evidenceId,
    workflowIdOf: ({ evidenceId }) => evidenceWorkflowId(toTypeId("evd", evidenceId)),
    ring: (slip, isLate) => processes.ringEvidence({ ...slip, isLate }),
  });
  const now = clock.now();
  yield* rowsOf<OpenSubscription, ShopId>(deps, {
    list: (page) => listOpenSubscriptions(system, { ...page, now }),
    idOf: ({ shopId }) => shopId,
    workflowIdOf: ({ shopId }) => subscriptionWorkflowId(toTypeId("shop", shopId)),
    ring: ({ shopId }, isLate) => processes.ringSubscription({ shopId, isLate }),
  });
}

async function* rowsOfThePlatform(deps: Deps): AsyncGenerator<OpenRow> {
  const { system, processes } = deps;
  yield* rowsOf<OpenUpgrade, UpgradeRequestId>(deps, {
    list: (page) => listOpenUpgrades(system, page),
    idOf: ({ requestId }) => requestId,
    workflowIdOf: ({ requestId }) => upgradeWorkflowId(toTypeId("upg", requestId)),
    ring: (upgrade, isLate) => processes.ringUpgrade({ ...upgrade, isLate }),
  });
  yield* rowsOf<OpenPayout, PayoutId>(deps, {
    list: (page) => listOpenPayouts(system, page),
    idOf: ({ payoutId }) => payoutId,
    workflowIdOf: ({ participantId, period }) => payoutWorkflowId(toTypeId("ptc", participantId), period),
    ring: (payout, isLate) => processes.ringPayout({ ...payout, isLate }),
  });
}

async function* rowsOfPrivacy(deps: Deps): AsyncGenerator<OpenRow> {
  const { system, processes, clock } = deps;
  yield* rowsOf<OpenPrivacyRequest, PrivacyRequestId>(deps, {
    list: (page) => listOpenPrivacyRequests(system, page),
    idOf: ({ requestId }) => requestId,
    workflowIdOf: ({ requestId }) => privacyWorkflowId(toTypeId("pvr", requestId)),
    ring: (request, isLate) => processes.ringPrivacyRequest({ ...request, isLate }),
  });
  const now = clock.now();
  yield* rowsOf<OpenErasure, PrivacyRequestId>(deps, {
    list: (page) => listOpenErasures(system, { ...page, now }),
    idOf: ({ requestId }) => requestId,
    workflowIdOf: ({ requestId }) => erasureWorkflowId(toTypeId("pvr", requestId)),
    ring: (erasure) => processes.ringErasure(erasure),
  });
  yield* rowsOf<OpenIncident, IncidentId>(deps, {
    list: (page) => listOpenIncidents(system, page),
    idOf: ({ incidentId }) => incidentId,
    workflowIdOf: ({ incidentId }) => breachWorkflowId(toTypeId("inc", incidentId)),
    ring: ({ incidentId }, isLate) => processes.ringBreach({ incidentId, isLate }),
  });
}

async function* rowsOf<Row extends object, Id extends string>(
  { clock, patience }: Deps,
  { list, idOf, workflowIdOf, ring }: Noun<Row, Id>,
): AsyncGenerator<OpenRow> {
  const lateBefore = clock.now().getTime() - patience.lateMs;
  for (let after: Id | null = null; ;) {
    const page: Row[] = await list({ after, limit: pageSize });
    for (const row of page) {
      const { dueAt = null, isNew = false }: Standing = row;
      const isLate = dueAt !== null && dueAt.getTime() < lateBefore;
      yield { workflowId: workflowIdOf(row), isLate, isNew, ring: () => ring(row, isLate) };
    }
    const last = page.at(-1);
    if (last === undefined || page.length < pageSize) return;
    after = idOf(last);
  }
}
