import type { Client } from "@temporalio/client";

import { privacyChanged, privacyWorkflowId } from "../../workflows/privacy-request.contract.ts";
import { eventually } from "./eventually.ts";
import { Owner } from "./people.ts";
import type { RunningSystem } from "./running-system.ts";
import { read } from "./upgrade-story.ts";

type Cast = {
  system: RunningSystem;
  client: Client;
  owner: Owner;
  save(name: string, workflowId: string): Promise<void>;
};
type View = { id: string; state: string };

/** Requests about the data of a customer: taken back, denied, corrected too late, and carried out for a silent shop. */
export async function recordPrivacy(cast: Cast): Promise<void> {
  const { owner, system } = cast;
  const { api, demo } = system.facts;
  if (demo?.compliance === undefined) throw new Error("not a demonstration");
  const officer = new Owner({ apiUrl: api, sim: { url: "" } }, { metaPageId: "", owner: demo.compliance });
  const customerId = await eventually("there is a customer", async () => {
    const { data } = await owner.get<{ data: { id: string }[] }>("/v1/customers?limit=1");
    return data[0]?.id;
  });
  const ask = (kind: string) => owner.post("/v1/privacy-requests", { customerId, kind }).then(read<View>);
  const open = (kind: string) =>
    officer
      .post("/v1/compliance/privacy-requests", { of: { shopId: demo.shopId, customerId }, kind })
      .then(read<View>);

  const cancelled = await becomes(cast, await ask("deletion"), "waiting");
  await read(await owner.post(`/v1/privacy-requests/${cancelled.id}/cancel`));
  await cast.save("privacy-cancelled", privacyWorkflowId(cancelled.id));

  const denied = await becomes(cast, await open("deletion"), "with_owner");
  await read(await owner.post(`/v1/privacy-requests/${denied.id}/deny`, { denial: "unfounded" }));
  await cast.save("privacy-denied", privacyWorkflowId(denied.id));

  const late = await becomes(cast, await ask("correction"), "with_owner");
  await hurry(cast, late);
  await eventually("it is overdue", async () => {
    const { overdueSince } = await owner.get<{ overdueSince: string | null }>(
      `/v1/privacy-requests/${late.id}`,
    );
    return overdueSince !== null;
  });
  await read(await owner.post(`/v1/privacy-requests/${late.id}/answer`, { answer: "corrected" }));
  await cast.save("privacy-corrected-late", privacyWorkflowId(late.id));

  const silent = await becomes(cast, await open("access"), "with_owner");
  await hurry(cast, silent);
  await becomes(cast, silent, "completed");
  await cast.save("privacy-of-silent-shop", privacyWorkflowId(silent.id));
}

function becomes({ owner }: Cast, { id }: View, state: string): Promise<View> {
  return eventually(`the request is ${state}`, async () => {
    const view = await owner.get<View>(`/v1/privacy-requests/${id}`);
    return view.state === state && view;
  });
}

/** A month later. */
async function hurry({ system, client }: Cast, { id }: View): Promise<void> {
  await system.query(
    `update privacy_requests set due_at = received_at, version = version + 1,
      timings = timings || '{"remindersMs": [0, 0, 0], "ownerSilenceMs": 1}' where state = 'with_owner'`,
  );
  await client.workflow.getHandle(privacyWorkflowId(id)).signal(privacyChanged);
}
