import { createBreachActivities } from "../../activities/breach/index.ts";
import type { BreachDeps } from "../../activities/breach/breach-deps.ts";
import type { RateLimits } from "../../api/auth/rate-limits.ts";
import type { UpdateClient } from "../../api/request-update.ts";
import { platformShopId } from "../../db/accounts.ts";
import { fromTypeId } from "../../domain/id.ts";
import type { IncidentId } from "../../domain/id.ts";
import type {
  BreachActivities,
  BreachRef,
  BreachSnapshot,
  DecideBreach,
} from "../../workflows/breach.contract.ts";
import { createUpgradeWorld } from "./upgrade-world.ts";

const words = (language: string) => ({
  whatHappened: `What happened, ${language}.`,
  likelyEffects: `What it means, ${language}.`,
  whatWasDone: `What was done, ${language}.`,
});
export const notice = { en: words("en"), my: words("my") };

/** Compliance's API, whose decisions are carried out at once by the workflow's own activities, without Temporal. */
export async function createIncidentWorld(limits?: RateLimits) {
  const world = await createUpgradeWorld(limits);
  const activityDeps: BreachDeps = { ...world.activities, system: world.deps.system };
  const breach = createBreachActivities(activityDeps);
  const rung: string[] = [];
  Object.assign(world.deps, {
    temporal: { ...world.deps.temporal, updates: carriedOut(breach) },
    processes: {
      ...world.deps.processes,
      ringBreach: async ({ incidentId }: { incidentId: IncidentId }) => {
        rung.push(incidentId);
        await carryOn(breach, refTo(incidentId));
      },
    },
  });
  const [maker, approver] = [await world.addAdmin("compliance"), await world.addAdmin("compliance")];

  async function open(body: object = {}): Promise<{ id: string; incidentId: IncidentId }> {
    const answer = await world.ask("POST", "/v1/compliance/incidents", {
      token: maker.token,
      body: { kind: "unauthorised_access", discoveredAt: world.deps.clock.now().toISOString(), ...body },
    });
    const incidentId = fromTypeId<IncidentId>("inc", String(answer.body?.id));
    if (incidentId === undefined) throw new Error(`not opened: ${JSON.stringify(answer.body)}`);
    return { id: answer.body.id, incidentId };
  }

  /** As compliance does it: writes the papers and proposes. */
  async function propose(id: string, scopes: object[]): Promise<number> {
    const path = `/v1/compliance/incidents/${id}`;
    const papers = { scopes, notice };
    const { body } = await world.ask("POST", `${path}/papers`, { token: maker.token, body: papers });
    const { noticeVersion } = body;
    const proposal = { proposal: "notify", noticeVersion };
    await world.ask("POST", `${path}/propose`, { token: maker.token, body: proposal });
    return noticeVersion;
  }

  async function notify(id: string, scopes: object[]): Promise<void> {
    const body = { proposal: "notify", noticeVersion: await propose(id, scopes) };
    const path = `/v1/compliance/incidents/${id}/approve`;
    const answer = await world.ask("POST", path, { token: approver.token, body });
    if (answer.status !== 200) throw new Error(`not approved: ${JSON.stringify(answer.body)}`);
  }

  return {
    ...world,
    breach,
    activityDeps,
    rung,
    maker,
    approver,
    /** With a new session each: they live an hour. */
    passTime: async (ms: number) => {
      world.passTime(ms);
      for (const person of [maker, approver]) person.token = await world.openSession(person.accountId);
    },
    open,
    propose,
    notify,
    carryOn: (incidentId: IncidentId) => carryOn(breach, refTo(incidentId)),
    incidentOf: async (id: string) =>
      (await world.ask("GET", `/v1/compliance/incidents/${id}`, { token: approver.token })).body,
  };
}

export type IncidentWorld = Awaited<ReturnType<typeof createIncidentWorld>>;

export function refTo(incidentId: IncidentId): BreachRef {
  return { shopId: platformShopId, incidentId };
}

/** As the workflow does: what is due is done. */
async function carryOn(breach: BreachActivities, ref: BreachRef): Promise<BreachSnapshot> {
  let snapshot = await breach.loadBreach(ref);
  while (snapshot.next?.waitMs === 0) snapshot = await breach[snapshot.next.deadline](ref);
  return snapshot;
}

function carriedOut(breach: BreachActivities): UpdateClient {
  return {
    withDeadline: (_deadline, fn) => fn(),
    executeUpdateWithStart: (async (name: string, options: Record<string, unknown>) => {
      const { startWorkflowOperation, args } = options as {
        startWorkflowOperation: { options: { args: [BreachRef] } };
        args: [object];
      };
      const [{ shopId, incidentId }] = startWorkflowOperation.options.args;
      const ref = { shopId, incidentId };
      const result = await breach.decideBreach({ ...ref, name, request: args[0] } as DecideBreach);
      await carryOn(breach, ref);
      return result;
    }) as unknown as UpdateClient["executeUpdateWithStart"],
  };
}
