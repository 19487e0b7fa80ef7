import { appendAudit } from "../../db/audit-events.ts";
import { decideIncident, insertIncidentEvent } from "../../db/incidents.ts";
import type { IncidentDecision, IncidentRow } from "../../db/incidents.ts";
import { containBreach } from "../../db/system-incidents.ts";
import type { AccountId } from "../../domain/id.ts";
import type { BreachDecisionResult, ContainBreach, DecideBreach } from "../../workflows/breach.contract.ts";
import type { BreachDeps } from "./breach-deps.ts";
import { breachSnapshot, getLocked } from "./breach-snapshot.ts";

type Said = "decided" | "already" | { refused: string };

/**
 * A person's word on an incident. Safe to run twice: the row is locked, and what was decided before is answered as
 * recorded; containing ends what still runs, which is nothing the second time.
 */
export async function decideBreach(deps: BreachDeps, decision: DecideBreach): Promise<BreachDecisionResult> {
  const now = deps.clock.now();
  const by = decision.request.by.accountId;
  const { said, row } =
    by === null
      ? { said: { refused: "breach.no_person" }, row: await read(deps, decision) }
      : decision.name === "containBreach"
        ? await contain(deps, decision, { request: decision.request, by, now })
        : await decide(deps, decision, { decision: decisionOf(decision), by, now });
  await deps.atStep("breach.committed");
  const snapshot = breachSnapshot(row, now);
  return typeof said === "string"
    ? { outcome: said, reason: null, snapshot }
    : { outcome: "refused", reason: said.refused, snapshot };
}

function read({ db }: BreachDeps, { incidentId }: DecideBreach): Promise<IncidentRow> {
  return db.withoutShop((trx) => getLocked(trx, incidentId));
}

async function contain(
  deps: BreachDeps,
  { shopId, incidentId }: DecideBreach,
  { request, by, now }: { request: ContainBreach; by: AccountId; now: Date },
): Promise<{ said: Said; row: IncidentRow }> {
  const before = await deps.db.withoutShop((trx) => getLocked(trx, incidentId));
  if (before.state !== "open" && before.state !== "notifying") {
    return { said: { refused: `breach.${before.state}` }, row: before };
  }
  if (before.is_drill) return { said: { refused: "breach.drill" }, row: before };
  const { measure, shopIds } = request;
  const count = await containBreach(deps.system, measure, { shopIds, now });
  const row = await deps.db.withShop(shopId, async (trx) => {
    const locked = await getLocked(trx, incidentId);
    const data = { measure, count, shops: shopIds === null ? null : shopIds.length };
    await insertIncidentEvent(trx, { incidentId, what: "contained", data, by, now });
    await audit(trx, { shopId, incidentId, action: "breach.contained", data, by, now });
    return locked;
  });
  return { said: "decided", row };
}

async function decide(
  { db }: BreachDeps,
  { shopId, incidentId, name }: DecideBreach,
  { decision, by, now }: { decision: IncidentDecision; by: AccountId; now: Date },
): Promise<{ said: Said; row: IncidentRow }> {
  return db.withShop(shopId, async (trx) => {
    const row = await getLocked(trx, incidentId);
    const result = await decideIncident(trx, row, { decision, by, now });
    if (result.said === "already") return { said: "already", row };
    if (result.said !== "decided") {
      return { said: { refused: `breach.${result.said === "state" ? row.state : result.said}` }, row };
    }
    const data = "proposal" in decision ? { proposal: decision.proposal } : {};
    await audit(trx, { shopId, incidentId, action: actions[name], data, by, now });
    return { said: "decided", row: result.row };
  });
}

const actions: Record<DecideBreach["name"], string> = {
  proposeBreachDecision: "breach.proposed",
  approveBreachDecision: "breach.approved",
  containBreach: "breach.contained",
  closeIncident: "breach.closed",
};

function decisionOf(decision: Exclude<DecideBreach, { name: "containBreach" }>): IncidentDecision {
  switch (decision.name) {
    case "proposeBreachDecision":
      return { name: "propose", ...pick(decision.request) };
    case "approveBreachDecision":
      return { name: "approve", ...pick(decision.request) };
    case "closeIncident":
      return { name: "close", lateReason: decision.request.lateReason };
  }
}

function pick({ proposal, noticeVersion }: { proposal: "notify" | "dismiss"; noticeVersion: number }) {
  return { proposal, noticeVersion };
}

type Act = Pick<DecideBreach, "shopId" | "incidentId"> & {
  action: string;
  data: Record<string, string | number | null>;
  by: AccountId;
  now: Date;
};

function audit(
  trx: Parameters<typeof appendAudit>[0],
  { shopId, incidentId, action, data, by, now }: Act,
): Promise<void> {
  return appendAudit(trx, {
    shopId,
    actorKind: "admin",
    actorId: by,
    action,
    resourceId: incidentId,
    data,
    now,
  });
}
