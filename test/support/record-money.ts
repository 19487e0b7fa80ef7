import type { Client } from "@temporalio/client";

import { newId } from "../../domain/id.ts";
import { payoutChanged, payoutWorkflowId } from "../../workflows/payout.contract.ts";
import { eventually } from "./eventually.ts";
import { decidePayout } from "./payout-story.ts";
import type { PayoutView } from "./payout-story.ts";
import { postJson } from "./house.ts";
import { Owner } from "./people.ts";
import type { RunningSystem } from "./running-system.ts";
import { askForCode, decideUpgrade, handIn, read, requestPlan } from "./upgrade-story.ts";
import type { UpgradeView } from "./upgrade-story.ts";

export type MoneyCast = {
  system: RunningSystem;
  client: Client;
  owner: Owner;
  /** Of all runs of a workflow, or of those that began from then on. */
  save(name: string, workflowId: string, since?: Date): Promise<void>;
  /** One more commission that may be paid. */
  earn(): Promise<void>;
};

/** What comes to nothing, what is paid by code, and a plan that is renewed too late; after the plan has ended. */
export async function recordMoney(cast: MoneyCast): Promise<void> {
  await holdAndCancelPayout(cast);
  await refuseAndLapse(cast);
  await payTooLate(cast);
  await renewByCode(cast);
}

function adminOf({ system }: MoneyCast): Owner {
  const { api, demo } = system.facts;
  if (demo?.admin === undefined) throw new Error("not a demonstration");
  return new Owner({ apiUrl: api, sim: { url: "" } }, { metaPageId: "", owner: demo.admin });
}

/** The next month: a flag holds it and is dismissed; nobody proposes it, and then it is cancelled. */
async function holdAndCancelPayout(cast: MoneyCast): Promise<void> {
  const { system, client } = cast;
  const [admin, since] = [adminOf(cast), new Date()];
  await system.query("update payouts set period = '2000-01'");
  await cast.earn();
  await system.query(
    `insert into fraud_flags (id, participant_id, rule, evidence_key, severity, raised_at)
      select $1, id, 'same_device', 'k', 'high', now() from referral_participants where code is not null`,
    [newId<string>()],
  );
  await client.schedule.getHandle("payouts").trigger();
  const payoutThatIs = (state: string) =>
    eventually(`a payout is ${state}`, async () => {
      const { data } = await admin.get<{ data: PayoutView[] }>(`/v1/admin/payouts?state=${state}`);
      return data[0];
    });
  const held = await payoutThatIs("held");
  await system.query("update fraud_flags set state = 'dismissed', decided_at = now()");
  const workflowId = payoutWorkflowId(held.participantId, held.period);
  await client.workflow.getHandle(workflowId).signal(payoutChanged);
  const tallied = await payoutThatIs("tallied");
  await system.query(
    `update payouts set timings = timings || '{"proposalReminderMs": 0, "proposalEscalationMs": 0}', version = version + 1
      where state = 'tallied'`,
  );
  await client.workflow.getHandle(workflowId).signal(payoutChanged);
  await isEscalated(admin, `/v1/admin/payouts/${tallied.id}`);
  await read(await decidePayout(admin, tallied, "cancel"));
  await cast.save("payout-cancelled", workflowId, since);
}

async function refuseAndLapse(cast: MoneyCast): Promise<void> {
  const { owner, system } = cast;
  const story = { owner, house: { apiUrl: system.facts.api } };
  const rejected = await handIn(story, await requestPlan(story));
  await system.query(
    `update upgrade_requests set timings = timings || '{"decisionReminderMs": 0, "decisionEscalationMs": 0}',
      version = version + 1 where state = 'submitted'`,
  );
  await ring(cast, rejected);
  await isEscalated(adminOf(cast), `/v1/admin/upgrade-requests/${rejected.id}`);
  await read(await decideUpgrade(adminOf(cast), rejected, "reject"));
  await purge(cast, rejected);
  await cast.save("upgrade-rejected", `upgrade/${rejected.id}`);
  const lapsed = await requestPlan(story);
  await system.query(
    "update upgrade_requests set evidence_due_at = now(), version = version + 1 where state = 'draft'",
  );
  await ring(cast, lapsed);
  await cast.save("upgrade-lapsed", `upgrade/${lapsed.id}`);
}

/** Its money comes after it was cancelled, buys nothing, and goes back. */
async function payTooLate(cast: MoneyCast): Promise<void> {
  const { owner, system } = cast;
  const admin = adminOf(cast);
  const request = await requestPlan({ owner, house: { apiUrl: system.facts.api } });
  const code = await askForCode({ owner }, request);
  await read(await owner.post(`/v1/upgrade-requests/${request.id}/cancel`));
  await postJson(`${system.facts.sim}/payments/scans`, { code, isForced: true });
  const paymentId = await eventually("the money is owed", async () => {
    const { data } = await admin.get<{ data: { paymentId: string }[] }>("/v1/admin/upgrade-money");
    return data[0]?.paymentId;
  });
  await read(await admin.post(`/v1/admin/upgrade-requests/${request.id}/refund-money`, { paymentId }));
  await eventually("it is given back", async () => {
    const { data } = await admin.get<{ data: object[] }>("/v1/admin/upgrade-money");
    return data.length === 0;
  });
  await cast.save("upgrade-given-back", `upgrade/${request.id}`);
}

/** The plan begins anew by the provider's word; a cheaper one is chosen and undone; then the payment is gone. */
async function renewByCode(cast: MoneyCast): Promise<void> {
  const { owner, system } = cast;
  const [admin, since] = [adminOf(cast), new Date()];
  const request = await requestPlan({ owner, house: { apiUrl: system.facts.api } }, "growth");
  const path = `/v1/upgrade-requests/${request.id}`;
  const code = await askForCode({ owner }, request);
  await postJson(`${system.facts.sim}/payments/scans`, { code });
  await eventually("it is approved", async () => (await owner.get<UpgradeView>(path)).state === "approved");
  await purge(cast, request);
  await cast.save("upgrade-by-code", `upgrade/${request.id}`);
  await read(await owner.post("/v1/subscription/schedule-downgrade", { planCode: "starter" }));
  await read(await owner.post("/v1/subscription/cancel-downgrade"));
  const { data } = await admin.get<{ data: { id: string }[] }>("/v1/admin/plan-payments?limit=1");
  const gone = { kind: "chargeback", reason: "Charged twice." };
  await read(await admin.post(`/v1/admin/plan-payments/${data[0]?.id}/reverse`, gone));
  await cast.save("subscription-renewed", `subscription/${system.facts.demo?.shopId}`, since);
}

function isEscalated(admin: Owner, path: string): Promise<true> {
  return eventually("it is escalated", async () => {
    const { escalatedAt } = await admin.get<{ escalatedAt: string | null }>(path);
    return escalatedAt !== null;
  });
}

/** Ninety days later. */
async function purge(cast: MoneyCast, request: UpgradeView): Promise<void> {
  await cast.system.query(
    "update upgrade_requests set purge_due_at = now(), version = version + 1 where purged_at is null",
  );
  await ring(cast, request);
}

async function ring({ client }: MoneyCast, { id }: UpgradeView): Promise<void> {
  await client.workflow.getHandle(`upgrade/${id}`).signal("upgradeChanged");
}
