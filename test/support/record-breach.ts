import type { Client } from "@temporalio/client";

import { breachChanged, breachWorkflowId } from "../../workflows/breach.contract.ts";
import { breachNotice, decideIncident, shortBreachTimings } from "./breach-story.ts";
import type { IncidentView } from "./breach-story.ts";
import { eventually } from "./eventually.ts";
import { Owner } from "./people.ts";
import type { RunningSystem } from "./running-system.ts";
import { read } from "./upgrade-story.ts";

type BreachCast = {
  system: RunningSystem;
  client: Client;
  save(name: string, workflowId: string): Promise<void>;
};

/** An alarm, containment, two people's word, everybody told, closed. There is one person: the proposal is made another's. */
export async function recordBreach({ system, client, save }: BreachCast): Promise<void> {
  const { api, demo } = system.facts;
  if (demo?.compliance === undefined) throw new Error("not a demonstration");
  const person = new Owner({ apiUrl: api, sim: { url: "" } }, { metaPageId: "", owner: demo.compliance });
  const hourAgo = new Date(Date.now() - 3_600_000).toISOString();
  const opening = { kind: "unauthorised_access", discoveredAt: hourAgo };
  const incident = await read<IncidentView>(await person.post("/v1/compliance/incidents", opening));
  const workflowId = breachWorkflowId(incident.id);
  await system.query("update incidents set timings = $1, version = version + 1", [
    { ...shortBreachTimings, alarmsMs: [0] },
  ]);
  await client.workflow.getHandle(workflowId).signal(breachChanged);
  const containment = { measure: "revoke_api_keys", shopIds: [demo.shopId] };
  await read(await decideIncident(person, incident, "contain", containment));
  const to = new Date(Date.now() + 3_600_000).toISOString();
  const papers = { scopes: [{ shopId: null, data: "accounts", from: hourAgo, to }], notice: breachNotice };
  const written = await person.post(`/v1/compliance/incidents/${incident.id}/papers`, papers);
  const { noticeVersion } = await read<IncidentView>(written);
  const proposal = { proposal: "notify", noticeVersion };
  await read(await decideIncident(person, incident, "propose", proposal));
  await system.query(
    "update incidents set proposed_by = (select id from accounts where id <> proposed_by limit 1)",
  );
  await read(await decideIncident(person, incident, "approve", proposal));
  await eventually("everybody is told", async () => {
    const { state } = await person.get<IncidentView>(`/v1/compliance/incidents/${incident.id}`);
    return state === "notified";
  });
  await read(await decideIncident(person, incident, "close", {}));
  await save("breach", workflowId);
}
