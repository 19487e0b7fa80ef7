import { defaultBreachTimings } from "../../domain/breach/timings.ts";
import type { BreachTimings } from "../../domain/breach/timings.ts";
import { fromTypeId, toTypeId } from "../../domain/id.ts";
import type { IncidentId, ShopId } from "../../domain/id.ts";
import { createProcesses } from "../../runtime/temporal-client.ts";
import { breachWorkflowId } from "../../workflows/breach.contract.ts";
import { eventually } from "./eventually.ts";
import type { House } from "./house.ts";
import { rowsOf } from "./outside.ts";
import type { Owner } from "./people.ts";
import { read } from "./upgrade-story.ts";

export type IncidentView = {
  id: string;
  state: string;
  noticeVersion: number;
  alarmsRaised: number;
  people: Record<string, number>;
  events: { what: string }[];
};

const words = {
  whatHappened: "A list of orders was seen by a stranger.",
  likelyEffects: "Somebody may call you.",
  whatWasDone: "The access was closed.",
};
export const breachNotice = { en: words, my: words };

/** The same code in seconds. */
export const shortBreachTimings: BreachTimings = {
  ...defaultBreachTimings,
  receiptsMs: 200,
  secondWayMs: 60_000,
  activityTimeoutMs: 10_000,
  activityRetryMs: 100,
};

export async function openIncident(house: House, compliance: Owner): Promise<IncidentView> {
  const discoveredAt = new Date().toISOString();
  const body = { kind: "unauthorised_access", discoveredAt };
  const incident = await read<IncidentView>(await compliance.post("/v1/compliance/incidents", body));
  await setTimings(house, incident, {});
  return incident;
}

/** From then on, as whoever changes the row does. */
export async function setTimings(
  house: House,
  { id }: IncidentView,
  timings: Partial<BreachTimings>,
): Promise<void> {
  const incidentId = fromTypeId<IncidentId>("inc", id);
  if (incidentId === undefined) throw new Error(`no incident ${id}`);
  await rowsOf(house, "update incidents set timings = $2, version = version + 1 where id = $1", [
    incidentId,
    { ...shortBreachTimings, ...timings },
  ]);
  const processes = createProcesses(house.core.temporal, house.temporal.taskQueue, () => undefined);
  await processes.ringBreach({ incidentId });
}

/** The papers, as they are proposed: everybody who wrote to the shop today. */
export async function writePapers(
  compliance: Owner,
  { id }: IncidentView,
  shopId: ShopId,
): Promise<IncidentView> {
  const hour = 3_600_000;
  const scope = {
    shopId: toTypeId("shop", shopId),
    data: "conversations",
    from: new Date(Date.now() - hour).toISOString(),
    to: new Date(Date.now() + hour).toISOString(),
  };
  const body = { scopes: [scope], notice: breachNotice };
  return read(await compliance.post(`/v1/compliance/incidents/${id}/papers`, body));
}

export function decideIncident(
  person: Owner,
  { id }: IncidentView,
  verb: string,
  body: object,
): Promise<Response> {
  return person.post(`/v1/compliance/incidents/${id}/${verb}`, body);
}

export function incidentBecomes(person: Owner, { id }: IncidentView, state: string): Promise<IncidentView> {
  return eventually(`the incident is ${state}`, async () => {
    const incident = await person.get<IncidentView>(`/v1/compliance/incidents/${id}`);
    return incident.state === state ? incident : undefined;
  });
}

export function breachHasEnded(house: House, { id }: IncidentView): Promise<true> {
  const run = house.core.temporal.client.workflow.getHandle(breachWorkflowId(id));
  return eventually("its process has ended", async () => (await run.describe()).status.name === "COMPLETED");
}
