import type { Client } from "@temporalio/client";

import { erasureChanged, erasureWorkflowId } from "../../workflows/erasure.contract.ts";
import { privacyChanged, privacyWorkflowId } from "../../workflows/privacy-request.contract.ts";
import { eventually } from "./eventually.ts";
import { placeAnOrder } from "./people.ts";
import type { Customer, Owner } from "./people.ts";
import type { RunningSystem } from "./running-system.ts";
import { read } from "./upgrade-story.ts";

type ErasureCast = {
  system: RunningSystem;
  client: Client;
  owner: Owner;
  newCustomer(): Customer;
  save(name: string, workflowId: string): Promise<void>;
  /** Records it too. */
  rotateKeys(): Promise<void>;
};
type OrderView = { id: string; customerId: string; total: { amountMinor: number } };

const product = "Woven Bag";
/** Temporal takes its time to delete what has just ended. */
const longestWaitMs = 120_000;

/** A customer is erased while a paid order of theirs is on its way; it arrives, and the keys' epoch is destroyed. */
export async function recordErasure(cast: ErasureCast): Promise<void> {
  const { owner, client } = cast;
  await shortenErasures(cast);
  const order = await payAndPack(cast);
  const asked = { customerId: order.customerId, kind: "deletion" };
  const { id } = await read<{ id: string }>(await owner.post("/v1/privacy-requests", asked));
  await requestIs(cast, id, "waiting");
  await endWindow(cast, id);
  await requestIs(cast, id, "completed");
  await cast.save("privacy-erased", privacyWorkflowId(id));

  for (const step of ["ship", "deliver"]) await decide(owner, order, step);
  const rest = client.workflow.getHandle(erasureWorkflowId(id));
  await rest.signal(erasureChanged);
  await eventually("what was kept is certified", () => hasSecondLeg(cast, id), longestWaitMs);
  await cast.rotateKeys();
  await rest.signal(erasureChanged);
  await cast.save("erasure", erasureWorkflowId(id));
}

/** Who says that no more is to be read, and then says nothing of it again: after a while it was never asked. */
export async function recordLapse(cast: Omit<ErasureCast, "rotateKeys">): Promise<void> {
  const { owner, system, client } = cast;
  await cast.newCustomer().say("stop using my data");
  const id = await eventually("it is asked for", async () => {
    const { data } = await owner.get<{ data: { id: string; kind: string }[] }>("/v1/privacy-requests");
    return data.find(({ kind }) => kind === "restriction")?.id;
  });
  await system.query(
    `update privacy_requests set timings = timings || '{"verifyDueMs": 0}', version = version + 1
      where state = 'received'`,
  );
  await client.workflow.getHandle(privacyWorkflowId(id)).signal(privacyChanged);
  await requestIs(cast, id, "lapsed");
  await cast.save("privacy-lapsed", privacyWorkflowId(id));
}

/** A cache is not waited out: what a key still opens is looked at again until it opens nothing. */
function shortenErasures({ system }: ErasureCast): Promise<void> {
  return system.query(
    `create function shorten_erasures() returns trigger language plpgsql as $$ begin
      new.timings = new.timings || '{"keyCacheMs": 1000, "closeWaitMs": 2000}'; return new; end $$;
    create trigger shorten before insert on erasures for each row execute function shorten_erasures()`,
  );
}

async function payAndPack({ owner, newCustomer }: ErasureCast): Promise<OrderView> {
  const customer = newCustomer();
  const known = new Set((await listOrders(owner)).map(({ id }) => id));
  await placeAnOrder(customer, { product });
  const placed = (await listOrders(owner)).find((order) => !known.has(order.id));
  if (placed === undefined) throw new Error("no order was placed");
  const order = await owner.get<OrderView>(`/v1/orders/${placed.id}`);
  await customer.sendSlip({
    amountMinor: order.total.amountMinor,
    currency: "MMK",
    reference: "90000000004",
    paidAt: new Date().toISOString(),
    payee: "Daw Thiri Shwe",
  });
  await eventually("it is under review", async () => {
    const { paymentState } = await owner.get<{ paymentState: string }>(`/v1/orders/${order.id}`);
    return paymentState === "under_review";
  });
  for (const step of ["confirm-payment", "pack"]) await decide(owner, order, step);
  return order;
}

async function listOrders(owner: Owner): Promise<{ id: string }[]> {
  return (await owner.get<{ data: { id: string }[] }>("/v1/orders")).data;
}

async function decide(owner: Owner, { id }: OrderView, step: string): Promise<void> {
  const answer = await owner.post(`/v1/orders/${id}/${step}`);
  if (!answer.ok) throw new Error(`${step}: ${answer.status} ${await answer.text()}`);
}

/** It can no longer be taken back. */
async function endWindow({ system, client }: ErasureCast, id: string): Promise<void> {
  await system.query(
    "update privacy_requests set act_at = now(), version = version + 1 where state = 'waiting'",
  );
  await client.workflow.getHandle(privacyWorkflowId(id)).signal(privacyChanged);
}

function requestIs({ owner }: Pick<ErasureCast, "owner">, id: string, state: string): Promise<true> {
  return eventually(
    `the request is ${state}`,
    async () => (await owner.get<{ state: string }>(`/v1/privacy-requests/${id}`)).state === state,
    longestWaitMs,
  );
}

/** Of the order that has arrived, its keys too are gone. */
async function hasSecondLeg({ owner }: ErasureCast, id: string): Promise<boolean> {
  const { certificate } = await owner.get<{ certificate: { revision: number } }>(
    `/v1/privacy-requests/${id}/certificate`,
  );
  return certificate.revision === 2;
}
