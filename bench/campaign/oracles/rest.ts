import { DefaultLogger, Runtime, Worker } from "@temporalio/worker";

import { defaultPatience } from "../../../activities/upkeep/upkeep-deps.ts";
import { listUnserved } from "../../../activities/upkeep/reconcile.ts";
import { scanHome } from "../../../runtime/scan-home.ts";
import { createProcesses, listRunning } from "../../../runtime/temporal-client.ts";
import { bundleWorkflows } from "../../../runtime/workflow-bundle.ts";
import type { Observation, Oracle, Violation } from "./observation.ts";

/** I14: nothing waits but for people. */
export const nothingIsStuck: Oracle = async ({ rows }) => {
  const counts = await rows<{ what: string; count: number }>(
    `select 'unclaimed messages' as what, count(*)::int from intake where claimed_at is null and dead_at is null
     union all select 'unfinished turns', count(*)::int from turns where state = 'claimed' or (decision is not null and not is_decided)
     union all select 'unread slips', count(*)::int from payment_evidence where state = 'undecided' and verdict is null
     union all select 'waiting pushes', count(*)::int from push_parts where state in ('queued', 'sending')
       and next_attempt_at < now() - interval '30 seconds'
     union all select 'orders past their end', count(*)::int from orders where order_state = 'placed' and payment_state = 'due'
       and clock_stopped_at is null and payment_due_at < now() - interval '4 minutes'
     union all select 'plans past their end', count(*)::int from subscriptions where state in ('trial', 'active')
         and ends_at < now() - interval '1 minute'
       or state in ('grace', 'limited') and state_since < now() - interval '1 minute'
         - coalesce((timings ->> (case state when 'grace' then 'graceMs' else 'limitedMs' end))::float8, 0) * interval '1 millisecond'
     union all select 'payouts that nobody carries out', count(*)::int from payouts where state = 'approved' or notice_due is not null
     union all select 'payments by code that are not booked', count(*)::int from gateway_payments
       where state in ('paid', 'refunding') and booked_at is null and owed_at is null
     union all select 'refunds under way', count(*)::int from gateway_refunds where state in ('requested', 'unknown')
     union all select 'broken Pages', count(*)::int from pages where state <> 'connected'
     union all select 'Pages that missed something', count(*)::int from pages where gap is not null`,
  );
  return counts
    .filter(({ count }) => count > 0)
    .map(({ what, count }) => ({ invariant: "I14", what: `${count} ${what}` }));
};

/** I14: every open row has its workflow. */
export const everyOpenRowHasItsWorkflow: Oracle = async ({ town }) => {
  const { core, taskQueue } = town;
  const missing = await listUnserved({
    ...core,
    processes: createProcesses(core.temporal, taskQueue, () => undefined),
    listRunning: () => listRunning(core.temporal, taskQueue),
    patience: defaultPatience,
  });
  return missing.map((id) => ({ invariant: "I14", what: `${id} is open and does not run` }));
};

/** I7: nothing of another shop in what a customer sees or the model is asked. */
export const shopsStayApart: Oracle = async ({ town, shops, customers }) => {
  const prompts = (await town.outside.calls("model")).map(({ body }) => JSON.stringify(body));
  const mixed = prompts.filter((prompt) => shops.filter(({ canary }) => prompt.includes(canary)).length > 1);
  const violations: Violation[] = mixed.map(() => ({
    invariant: "I7",
    what: "a prompt speaks of two shops",
  }));
  for (const { shop, canary } of shops) {
    for (const { psid, pageId, messages } of customers) {
      if (pageId !== shop.metaPageId && messages.some(({ text }) => text?.includes(canary)))
        violations.push({ invariant: "I7", what: `${psid} was told of another shop`, psid });
    }
  }
  return violations;
};

/** I13: no person's words or data lie in clear in any file but the simulators' own. */
export const nothingLiesInClear: Oracle = async ({ town, customers, rows }) => {
  await rows("checkpoint");
  const used = customers.filter(({ messages, canary }) =>
    messages.some(({ text }) => text?.includes(canary)),
  );
  const canaries = used.flatMap(({ canary, phone, psid }) =>
    [canary, phone, psid].map((value) => ({ name: psid, value })),
  );
  const { hits } = await scanHome(town.paths.home, canaries);
  return hits.map(({ file, canary, form }) => ({
    invariant: "I13",
    what: `${canary} (${form}) in ${file}`,
    psid: canary,
  }));
};

const replayed = 60;
const maxEvents = 4_096;

/**
 * I15: what ran can be replayed. I16: and stayed short. A worker that remembered more than an older copy of Temporal's
 * database wrote on in its histories: those tell two stories, and whether their runs were ended and begun anew is seen by
 * what got done.
 */
export const historiesReplay: Oracle = async ({ town }) => {
  const { client } = town.core.temporal;
  const histories = [];
  const violations: Violation[] = [];
  const lastRestore = Math.max(0, ...town.restores);
  for await (const { workflowId, runId, historyLength, startTime, closeTime } of client.workflow.list()) {
    if ((historyLength ?? 0) > maxEvents)
      violations.push({ invariant: "I16", what: `${workflowId} has ${historyLength} events` });
    const wasOpen = startTime.getTime() <= lastRestore && (closeTime?.getTime() ?? Infinity) > lastRestore;
    if (wasOpen) continue;
    if (histories.length < replayed && !workflowId.startsWith("temporal-sys")) {
      histories.push({
        workflowId,
        history: await client.workflow.getHandle(workflowId, runId).fetchHistory(),
      });
    }
  }
  Runtime.install({ logger: new DefaultLogger("WARN") });
  const workflowBundle = await bundleWorkflows();
  const results = Worker.runReplayHistories(
    { workflowBundle, dataConverter: town.core.dataConverter },
    histories,
  );
  for await (const { workflowId, error } of results) {
    if (error) violations.push({ invariant: "I15", what: `${workflowId} does not replay: ${error.message}` });
  }
  return violations;
};

/** Waits for people, for the report. */
export async function countWaiting({ rows }: Pick<Observation, "rows">): Promise<Record<string, number>> {
  const counts = await rows<{ what: string; count: number }>(
    `select 'unknown order messages' as what, count(*)::int from outbox where state = 'unknown'
     union all select 'resent messages', count(*)::int from outbox where is_resend
     union all select 'failed messages', count(*)::int from outbox where state = 'failed'
     union all select 'dropped messages', count(*)::int from outbox where state = 'dropped'
     union all select 'waiting for the window', count(*)::int from outbox where state = 'waiting_for_window'
     union all select 'dead letters', count(*)::int from dead_letters
     union all select 'orders placed', count(*)::int from orders where number is not null
     union all select 'orders completed', count(*)::int from orders where order_state = 'completed'
     union all select 'orders cancelled', count(*)::int from orders where order_state = 'cancelled' and number is not null
     union all select 'payments booked', count(*)::int from payment_entries where kind in ('payment', 'cash')
     union all select 'refunds', count(*)::int from payment_entries where kind = 'refund'
     union all select 'plans approved', count(*)::int from upgrade_requests where state = 'approved'
     union all select 'plans paid by code', count(*)::int from gateway_payments where purpose = 'upgrade' and paid_minor > 0
     union all select 'orders paid by code', count(*)::int from gateway_payments where purpose = 'order' and paid_minor > 0
     union all select 'given back by code', count(*)::int from gateway_refunds where state = 'done'
     union all select 'credits topped up', count(*)::int from top_up_payments
     union all select 'plans that ended', count(*)::int from audit_events where action = 'subscription.grace'
     union all select 'plans suspended', count(*)::int from audit_events where action = 'subscription.suspended'
     union all select 'plan payments reversed', count(*)::int from plan_reversals where state = 'done'
     union all select 'commissions', count(*)::int from commissions
     union all select 'payouts paid', count(*)::int from payouts where state = 'paid'
     union all select 'payouts that failed once', count(*)::int from payouts where attempt > 1
     union all select 'Pages connected again', count(*)::int from owner_notices where kind = 'page_restored'
     union all select 'turns', count(*)::int from turns
     union all select 'fallback turns', count(*)::int from turns where outcome = 'fallback'
     union all select 'messages in', count(*)::int from messages where direction = 'in'
     union all select 'messages out', count(*)::int from messages where direction = 'out'`,
  );
  return Object.fromEntries(counts.map(({ what, count }) => [what, count]));
}
