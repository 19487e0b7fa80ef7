import { randomUUID } from "node:crypto";
import { setMaxListeners } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import type { Fault, Faults } from "../faults.ts";
import type { WebhookTimings } from "../sim-options.ts";
import type { PendingWebhook, SimPage } from "../world/world-types.ts";
import type { World } from "../world/world.ts";
import { encodeWebhook, signWebhook } from "./encode-webhook.ts";
import { postWebhook } from "./post-webhook.ts";
import { webhookField } from "./webhook-field.ts";

export type WebhookState = "pending" | "delivered" | "lost" | "given_up";

export type WebhookRecord = {
  id: string;
  appId: string;
  pageId: string;
  psid: string;
  item: Record<string, unknown>;
  state: WebhookState;
  attempts: number;
  lastStatus: number | null;
};

export type NewWebhook = {
  pageId: string;
  psid: string;
  channel?: "messaging" | "standby";
  item: Record<string, unknown>;
  mid?: string;
};

export type WebhookQueue = {
  /** Hands the item to every app that subscribed to it at the Page; the order of a conversation is kept. */
  enqueue: (webhook: NewWebhook) => void;
  /** Deliveries of this process, oldest first; at most the last 5,000. */
  list: () => WebhookRecord[];
  /** Takes up what an earlier process left undelivered. */
  resume: () => void;
  close: () => Promise<void>;
};

type Deps = {
  world: World;
  faults: Faults;
  timings: WebhookTimings;
  now: () => number;
  /** Called when the product has answered 200. */
  onDelivered: (webhook: PendingWebhook) => void;
};
type Queued = { webhook: PendingWebhook; record: WebhookRecord };
type Lane = { queued: Queued[]; running: Promise<void> | null };
type Attempt = Deps & { signal: AbortSignal };

const recordLimit = 5_000;
const overtakeWaitMs = 1_500;

export function createWebhookQueue(deps: Deps): WebhookQueue {
  const lanes = new Map<string, Lane>();
  const closing = new AbortController();
  setMaxListeners(0, closing.signal);
  const attempt: Attempt = { ...deps, signal: closing.signal };
  let records: WebhookRecord[] = [];

  function push(webhook: PendingWebhook): void {
    const record: WebhookRecord = { ...webhook, state: "pending", attempts: 0, lastStatus: null };
    records.push(record);
    if (records.length > recordLimit * 1.1) records = records.slice(-recordLimit);
    const key = `${webhook.appId}/${webhook.pageId}/${webhook.psid}`;
    const lane = lanes.get(key) ?? { queued: [], running: null };
    lanes.set(key, lane);
    lane.queued.push({ webhook, record });
    lane.running ??= runLane(lane, attempt).finally(() => {
      if (lane.queued.length === 0) lanes.delete(key);
    });
  }

  return {
    enqueue(webhook) {
      const field = webhookField(webhook.item);
      const page = deps.world.findPage(webhook.pageId);
      const subscriptions = page?.subscriptions ?? {};
      for (const [appId, fields] of Object.entries(subscriptions)) {
        if (field !== undefined && !fields.includes(field)) continue;
        const pending: PendingWebhook = {
          id: randomUUID(),
          appId,
          pageId: webhook.pageId,
          psid: webhook.psid,
          channel: webhook.channel ?? channelOf(page, appId, webhook.item),
          item: webhook.item,
          mid: webhook.mid ?? null,
        };
        deps.world.putWebhook(pending);
        push(pending);
      }
    },
    list: () => records.map((record) => ({ ...record })),
    resume() {
      for (const webhook of deps.world.listWebhooks()) push(webhook);
    },
    async close() {
      closing.abort();
      await Promise.all([...lanes.values()].map((lane) => lane.running ?? Promise.resolve()));
    },
  };
}

/** What is said in a thread that another app has comes as a copy. */
function channelOf(
  page: SimPage | undefined,
  appId: string,
  item: Record<string, unknown>,
): "messaging" | "standby" {
  const owner = page?.defaultAppId ?? null;
  const isSaid = item["message"] !== undefined || item["postback"] !== undefined;
  return owner === null || owner === appId || !isSaid ? "messaging" : "standby";
}

async function runLane(lane: Lane, attempt: Attempt): Promise<void> {
  await Promise.resolve();
  await drainLane(lane, attempt);
  // Cleared in the same step as the last look at the queue, so that nothing pushed now is forgotten.
  lane.running = null;
}

async function drainLane(lane: Lane, attempt: Attempt): Promise<void> {
  while (!attempt.signal.aborted) {
    const head = lane.queued[0];
    if (!head) return;
    const fault = attempt.faults.take("webhook", JSON.stringify(head.webhook.item));
    if (fault?.reorder) await letNextOvertake(lane, attempt);
    const next = lane.queued[0] ?? head;
    const state = await deliver(next, fault, attempt);
    if (state === "pending") return;
    next.record.state = state;
    lane.queued.splice(lane.queued.indexOf(next), 1);
    attempt.world.removeWebhook(next.webhook.id);
    if (state === "delivered") attempt.onDelivered(next.webhook);
  }
}

async function letNextOvertake(lane: Lane, { signal }: Attempt): Promise<void> {
  const until = Date.now() + overtakeWaitMs;
  while (lane.queued.length < 2 && Date.now() < until && !signal.aborted) await pause(10, signal);
  const [first, second, ...rest] = lane.queued;
  if (first && second) lane.queued = [second, first, ...rest];
}

/** Delivers until 200 or until Meta would give up; "pending" means that the simulator is closing. */
async function deliver(queued: Queued, fault: Fault | undefined, attempt: Attempt): Promise<WebhookState> {
  if (fault?.lose) return "lost";
  const { timings, signal } = attempt;
  const startedAt = Date.now();
  let waitMs = timings.firstRetryMs;
  let armed = fault;
  while (!signal.aborted) {
    const isDelivered = await tryOnce(queued, armed, attempt);
    if (isDelivered) return "delivered";
    if (signal.aborted) break;
    if (Date.now() - startedAt >= timings.giveUpAfterMs) {
      unsubscribe(queued.webhook, attempt.world);
      return "given_up";
    }
    await pause(waitMs, signal);
    waitMs = Math.min(waitMs * 2, timings.maxRetryMs);
    armed = attempt.faults.take("webhook", JSON.stringify(queued.webhook.item));
  }
  return "pending";
}

async function tryOnce(queued: Queued, fault: Fault | undefined, attempt: Attempt): Promise<boolean> {
  const { webhook, record } = queued;
  const app = attempt.world.findApp(webhook.appId);
  if (!app) return true;
  if (fault?.delayMs) await pause(fault.delayMs, attempt.signal);
  if (fault?.hang) await attempt.faults.hang(attempt.signal);
  record.attempts += 1;
  if (fault?.status !== undefined) {
    record.lastStatus = fault.status;
    return false;
  }
  const body = encodeWebhook({
    object: "page",
    entry: [{ id: webhook.pageId, time: attempt.now(), [webhook.channel]: [webhook.item] }],
  });
  const request = { url: app.webhookUrl, body, signature: signWebhook(body, app.appSecret) };
  const timeoutMs = attempt.timings.answerTimeoutMs;
  for (let extra = fault?.duplicate ?? 0; extra > 0; extra -= 1) {
    await postWebhook({ ...request, timeoutMs, signal: attempt.signal });
  }
  record.lastStatus = await postWebhook({ ...request, timeoutMs, signal: attempt.signal });
  return record.lastStatus === 200 && !fault?.dropAfter;
}

function unsubscribe(webhook: PendingWebhook, world: World): void {
  const page = world.findPage(webhook.pageId);
  if (!page) return;
  const { [webhook.appId]: _gone, ...subscriptions } = page.subscriptions;
  world.putPage({ ...page, subscriptions });
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
