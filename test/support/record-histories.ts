import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import type { Client } from "@temporalio/client";
import { historyToJSON } from "@temporalio/common/lib/proto-utils.js";
import { createDataConverter } from "../../clients/payload-codec.ts";
import { defaultSubscriptionTimings } from "../../domain/subscription/timings.ts";
import { statePaths } from "../../runtime/state-paths.ts";
import { findTemporalBinary } from "../../runtime/temporal-binary.ts";
import { connectTemporal } from "../../runtime/temporal-client.ts";
import { startTemporalServer } from "../../runtime/temporal-server.ts";
import { newId } from "../../domain/id.ts";
import { payoutChanged, payoutWorkflowId } from "../../workflows/payout.contract.ts";
import { eventually } from "./eventually.ts";
import { historiesFolder, historiesKey } from "./histories.ts";
import { decidePayout, recordPaid } from "./payout-story.ts";
import type { PayoutView } from "./payout-story.ts";
import { postJson } from "./house.ts";
import { Customer, Owner, placeAnOrder } from "./people.ts";
import { recordBreach } from "./record-breach.ts";
import { recordErasure, recordLapse } from "./record-erasure.ts";
import { recordPrivacy } from "./record-privacy.ts";
import { recordMoney } from "./record-money.ts";
import { startWholeSystem } from "./running-system.ts";
import type { RunningSystem } from "./running-system.ts";
import { shortConversationTimings, shortOrderTimings } from "./short-timings.ts";
import { decideUpgrade, handIn, read, requestPlan } from "./upgrade-story.ts";

/**
 * Writes test/histories anew from a whole system that lives through the stories: to be run, and its result committed,
 * when a workflow has changed behind `patched()` or a new one has come. Old histories stay as long as such runs may live.
 */
const namespace = "histories";
/** A conversation is continued as new after a few turns instead of a hundred. */
const dynamicConfig = ["limit.historyCount.suggestContinueAsNew=70"];
const product = "Woven Bag";
/** Upkeep waits a minute for a Meta that does not answer, and rotation as long for keys that are in use. */
const longestWaitMs = 90_000;
const say = (line: string) => process.stdout.write(`${line}\n`);

type OrderView = {
  id: string;
  number: string;
  orderState: string;
  paymentState: string;
  evidence: { id: string }[];
};
type Cast = { system: RunningSystem; client: Client; owner: Owner; newCustomer: () => Customer };

if (process.argv.length > 2) {
  say(
    "npm run record-histories\n\nWrites test/histories anew from a whole system of its own; takes some minutes, and no arguments.",
  );
  process.exit(process.argv[2] === "--help" ? 0 : 2);
}
const folder = await mkdtemp(join(tmpdir(), "shopthread-histories-"));
const home = join(folder, "home");
await writePayloadKey(home);
const temporal = await startTemporalServer({
  binary: await findTemporalBinary({ progress: say }),
  dbFile: join(folder, "temporal.db"),
  logFile: join(folder, "temporal.log"),
  stateFile: join(folder, "temporal.json"),
  port: 0,
  uiPort: "headless",
  namespaces: [namespace],
  dynamicConfig,
  progress: say,
});
const system = await startWholeSystem(home, {
  TEMPORAL_ADDRESS: temporal.address,
  TEMPORAL_NAMESPACE: namespace,
});
const { client, close } = connectTemporal({
  address: temporal.address,
  namespace,
  dataConverter: createDataConverter([historiesKey]),
});
try {
  await rm(historiesFolder, { recursive: true, force: true });
  await mkdir(historiesFolder);
  await recordAll();
} finally {
  await close();
  await system.stop();
  await temporal.stop();
  await rm(folder, { recursive: true });
}

async function writePayloadKey(folder: string): Promise<void> {
  const { payloadKeys } = statePaths(folder);
  await mkdir(payloadKeys, { recursive: true, mode: 0o700 });
  const path = join(payloadKeys, `${historiesKey.id}.key`);
  await writeFile(path, historiesKey.key);
  await chmod(path, 0o600);
}

async function recordAll(): Promise<void> {
  const { facts } = system;
  const demo = facts.demo;
  if (demo === undefined || facts.sim === null) throw new Error("not a demonstration");
  const world = { apiUrl: facts.api, sim: { url: facts.sim } };
  const shop = { metaPageId: demo.page.id, owner: demo.owner };
  await setTimings({});
  const cast: Cast = {
    system,
    client,
    owner: new Owner(world, shop),
    newCustomer: () => new Customer(world, shop),
  };
  await payByTransfer(cast);
  await payInCash(cast);
  await letExpire(cast);
  await giveBack(cast);
  const keep = (name: string, workflowId: string) => save(client, name, workflowId);
  await recordPrivacy({ ...cast, save: keep });
  await recordLapse({ ...cast, save: keep });
  await recordErasure({ ...cast, save: keep, rotateKeys: () => runSchedule(client, "key-rotation") });
  await upgrade(cast);
  await payout(cast);
  await letSubscriptionEnd(cast);
  await recordMoney({
    ...cast,
    save: (name, workflowId, since) => save(client, name, workflowId, since),
    earn: () => earnBy(system),
  });
  await recordBreach({ ...cast, save: keep });
  await upkeep(cast);
}

function setTimings(order: Partial<typeof shortOrderTimings>): Promise<void> {
  return system.query(
    "update shops set languages = '{en,my}', conversation_timings = $1, order_timings = $2",
    [shortConversationTimings, { ...shortOrderTimings, ...order }],
  );
}

async function payByTransfer({ client, owner, newCustomer }: Cast): Promise<void> {
  const customer = newCustomer();
  await placeAnOrder(customer, { product });
  await customer.sendSlip(slip("90000000001", 10_000));
  const order = await orderThatIs(owner, "under_review");
  await decide(owner, order, "refuse-payment", { reason: "Too little" });
  await orderThatIs(owner, "due");
  await customer.sendSlip(slip("90000000002", await totalOf(owner, order)));
  await orderThatIs(owner, "under_review");
  for (const step of ["confirm-payment", "pack", "ship", "deliver"]) await decide(owner, order, step);
  await customer.hearsText("delivered");
  await customer.say("Thank you!");
  await customer.say("What are your opening hours?");
  await customer.hearsText("9:00");
  await save(client, "order-by-transfer", `order/${order.id}`);
  const { customerId } = await owner.get<{ customerId: string }>(`/v1/orders/${order.id}`);
  await save(client, "conversation", `conversation/${customerId}`);
}

async function payInCash({ client, owner, newCustomer }: Cast): Promise<void> {
  const customer = newCustomer();
  await placeAnOrder(customer, { product, method: "Cash on delivery" });
  const order = await orderThatIs(owner, "cod_due");
  for (const step of ["accept-cash-on-delivery", "pack", "ship", "deliver"]) await decide(owner, order, step);
  await customer.hearsText("delivered");
  await save(client, "order-by-cash", `order/${order.id}`);
}

async function letExpire({ client, owner, newCustomer }: Cast): Promise<void> {
  await setTimings({ paymentDueMs: 4_000, expiryWarningMs: 2_000 });
  const customer = newCustomer();
  await placeAnOrder(customer, { product });
  const order = await orderThatIs(owner, "due");
  await eventually("it has expired", async () => (await getOrder(owner, order)).orderState === "cancelled");
  await save(client, "order-that-expires", `order/${order.id}`);
}

async function giveBack({ client, owner, newCustomer }: Cast): Promise<void> {
  await setTimings({ reviewReminderMs: 1_000 });
  const customer = newCustomer();
  await customer.sendSlip(slip("90000000003", 7_000));
  const evidence = await eventually("a slip belongs to no order", async () => {
    const { data } = await owner.get<{ data: { id: string }[] }>("/v1/payment-evidence?state=unmatched");
    return data[0];
  });
  await eventually("the owner is reminded", async () => {
    const { data } = await owner.get<{ data: { kind: string }[] }>("/v1/notices");
    return data.filter(({ kind }) => kind === "unmatched_evidence").length > 1;
  });
  const answer = await owner.post(`/v1/payment-evidence/${evidence.id}/return`, {});
  if (!answer.ok) throw new Error(`return: ${answer.status} ${await answer.text()}`);
  await save(client, "evidence-given-back", `evidence/${evidence.id}`);
}

/** Its evidence would be purged in 90 days; what was cancelled before it was handed in goes at once. */
async function upgrade({ client, owner, system }: Cast): Promise<void> {
  const { api, demo } = system.facts;
  if (demo?.admin === undefined) throw new Error("not a demonstration");
  const admin = new Owner({ apiUrl: api, sim: { url: "" } }, { metaPageId: "", owner: demo.admin });
  const story = { owner, house: { apiUrl: api } };
  const cancelled = await requestPlan(story);
  await read(await owner.post(`/v1/upgrade-requests/${cancelled.id}/cancel`));
  await save(client, "upgrade-cancelled", `upgrade/${cancelled.id}`);
  const request = await requestPlan(story);
  await read(await decideUpgrade(admin, await handIn(story, request), "request-evidence-again"));
  await read(await decideUpgrade(admin, await handIn(story, request)));
  await system.query(
    "update upgrade_requests set purge_due_at = now(), version = version + 1 where purged_at is null",
    [],
  );
  await client.workflow.getHandle(`upgrade/${request.id}`).signal("upgradeChanged");
  await save(client, "upgrade-approved", `upgrade/${request.id}`);
}

/** Paid at the second attempt, after a reminder. Two people are needed, and there is one: the proposals are made another's. */
async function payout(cast: Cast): Promise<void> {
  const { client, owner, system } = cast;
  const { api, demo } = system.facts;
  if (demo?.admin === undefined) throw new Error("not a demonstration");
  const admin = new Owner({ apiUrl: api, sim: { url: "" } }, { metaPageId: "", owner: demo.admin });
  await read(await owner.post("/v1/referral/join", { termsVersion: 1 }));
  const account = { kind: "kbzpay", accountName: "Daw Aye Aye", accountNumber: "09777123456" };
  await read(await owner.fetch("PUT", "/v1/payout-account", { body: account }));
  await system.query(
    `insert into platform_roles (account_id, role, granted_at)
      select distinct account_id, unnest(array['payout_admin', 'payout_approver']), now() from platform_roles
      on conflict do nothing`,
    [],
  );
  await system.query("update payout_accounts set usable_from = changed_at", []);
  await earnBy(system);
  await runSchedule(client, "payouts");
  const { data } = await admin.get<{ data: PayoutView[] }>("/v1/admin/payouts");
  const [tallied] = data;
  if (tallied === undefined) throw new Error("nothing was tallied");
  await remind(cast, admin, tallied);
  const failed = await execute(admin, system, tallied);
  await read(await decidePayout(admin, failed, "record-failed", { attempt: 1, reason: "account_unknown" }));
  const executing = await execute(admin, system, tallied);
  await read(await recordPaid({ house: { apiUrl: api } }, admin, executing));
  await save(client, "payout-paid", payoutWorkflowId(tallied.participantId, tallied.period));
}

async function earnBy(system: RunningSystem): Promise<void> {
  const [payerId, lineId, paymentId] = [newId<string>(), newId<string>(), newId<string>()];
  await system.query(
    `insert into referral_participants (id, referrer_id, source, attributed_at, created_at)
      select $1, id, 'sign_up', now(), now() from referral_participants where code is not null`,
    [payerId],
  );
  await system.query(
    `insert into commissions (id, payment_id, payer_shop_id, payer_id, beneficiary_id, level, kind, base_minor,
        rate_bps, amount_minor, currency, state, paid_at, matures_at, created_at)
      select $1, $2, $2, id, referrer_id, 1, 'earning', 200000, 1000, 20000, 'MMK', 'payable', now(), now(), now()
      from referral_participants where id = $3`,
    [lineId, paymentId, payerId],
  );
}

async function remind({ client, system }: Cast, admin: Owner, payout: PayoutView): Promise<void> {
  await system.query(
    "update payouts set timings = timings || '{\"proposalReminderMs\": 0}', version = version + 1",
    [],
  );
  await client.workflow
    .getHandle(payoutWorkflowId(payout.participantId, payout.period))
    .signal(payoutChanged);
  await eventually("it is reminded of", async () => {
    const { remindedAt } = await admin.get<PayoutView>(`/v1/admin/payouts/${payout.id}`);
    return remindedAt !== null;
  });
}

/** Until the money has to be sent. */
async function execute(admin: Owner, system: RunningSystem, payout: PayoutView): Promise<PayoutView> {
  const { accountVersion, proposedAt } = await read<PayoutView>(await decidePayout(admin, payout, "propose"));
  await system.query(
    "update payouts set proposed_by = (select id from accounts where id <> proposed_by limit 1)",
    [],
  );
  await read(await decidePayout(admin, payout, "approve", { accountVersion, proposedAt }));
  return eventually("the money has to be sent", async () => {
    const view = await admin.get<PayoutView>(`/v1/admin/payouts/${payout.id}`);
    return view.state === "executing" && view;
  });
}

async function runSchedule(client: Client, schedule: string): Promise<void> {
  await client.schedule.getHandle(schedule).trigger();
  const query = `ExecutionStatus = "Completed" AND WorkflowId STARTS_WITH "${schedule}"`;
  const { workflowId } = await eventually(
    `${schedule} has run`,
    async () => {
      for await (const execution of client.workflow.list({ query })) return execution;
      return undefined;
    },
    longestWaitMs,
  );
  await save(client, schedule, workflowId);
}

/** A cheaper plan is scheduled; then the plan ends, and nobody pays. */
async function letSubscriptionEnd({ client, owner, system }: Cast): Promise<void> {
  const { shopId = "" } = system.facts.demo ?? {};
  const workflowId = `subscription/${shopId}`;
  const again = await owner.post("/v1/subscription/schedule-downgrade", { planCode: "starter" });
  if (again.status !== 409) throw new Error(`schedule: ${again.status} ${await again.text()}`);
  const timings = {
    ...defaultSubscriptionTimings,
    remindersBeforeMs: [3_600_000],
    graceMs: 500,
    limitedMs: 500,
  };
  await system.query(
    "update subscriptions set timings = $1, ends_at = now() + interval '3 seconds', version = version + 1",
    [timings],
  );
  await client.workflow.getHandle(workflowId).signal("subscriptionChanged");
  await save(client, "subscription-that-ends", workflowId);
}

async function upkeep({ client, owner, system }: Cast): Promise<void> {
  await tendPage({ client, owner, system });
  for (const schedule of [
    "reconcile",
    "page-check",
    "commissions",
    "attestation-reminder",
    "tickets",
    "retention",
  ])
    await runSchedule(client, schedule);
}

/** Meta does not answer at first, so that its run waits. */
async function tendPage({ client, owner, system }: Omit<Cast, "newCustomer">): Promise<void> {
  const fault = { to: "graph", match: "subscribed_apps", status: 500, times: 1 };
  await postJson(`${system.facts.sim}/faults`, fault);
  const { data } = await owner.get<{ data: { id: string }[] }>("/v1/pages");
  const id = data[0]?.id ?? "";
  await read(await owner.post(`/v1/pages/${id}/check`));
  await save(client, "page-tending", `page-check/${id}`);
}

/** All runs of a workflow, the first under the name alone; worker identities tell process and machine, and are replaced. */
async function save(client: Client, name: string, workflowId: string, since = new Date(0)): Promise<void> {
  const isConversation = name === "conversation";
  const runs = await eventually(
    `${workflowId} has ended, or was continued`,
    async () => {
      const all = [];
      for await (const run of client.workflow.list({ query: `WorkflowId = "${workflowId}"` }))
        if (run.startTime >= since) all.push(run);
      const hasEnded = all.length > 0 && all.every(({ status }) => status.name !== "RUNNING");
      return (isConversation ? all.length > 1 : hasEnded) && all;
    },
    longestWaitMs,
  );
  const inOrder = runs.toSorted((left, right) => left.startTime.getTime() - right.startTime.getTime());
  for (const [index, { runId }] of inOrder.entries()) {
    const json = historyToJSON(await client.workflow.getHandle(workflowId, runId).fetchHistory());
    const history: unknown = JSON.parse(json.replaceAll(new RegExp(`\\d+@${hostname()}`, "g"), "1@recorded"));
    const file = `${name}${index === 0 ? "" : `-${index + 1}`}.json`;
    await writeFile(join(historiesFolder, file), `${JSON.stringify(history, null, 1)}\n`);
    say(`recorded ${file}`);
  }
}

function slip(reference: string, amountMinor: number) {
  return {
    amountMinor,
    currency: "MMK",
    reference,
    paidAt: new Date().toISOString(),
    payee: "Daw Thiri Shwe",
  };
}

async function decide(owner: Owner, order: OrderView, step: string, body: object = {}): Promise<void> {
  const answer = await owner.post(`/v1/orders/${order.id}/${step}`, body);
  if (!answer.ok) throw new Error(`${step}: ${answer.status} ${await answer.text()}`);
}

function orderThatIs(owner: Owner, payment: string): Promise<OrderView> {
  return eventually(`an order is ${payment}`, async () =>
    (await owner.get<{ data: OrderView[] }>("/v1/orders")).data.find(
      (order) => order.paymentState === payment,
    ),
  );
}

function getOrder(owner: Owner, { id }: OrderView): Promise<OrderView> {
  return owner.get<OrderView>(`/v1/orders/${id}`);
}

async function totalOf(owner: Owner, order: OrderView): Promise<number> {
  const { total } = await owner.get<{ total: { amountMinor: number } }>(`/v1/orders/${order.id}`);
  return total.amountMinor;
}
