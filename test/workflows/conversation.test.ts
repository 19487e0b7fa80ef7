import { setTimeout as wait } from "node:timers/promises";
import { Client, Connection } from "@temporalio/client";
import { DefaultLogger, NativeConnection, Runtime, Worker } from "@temporalio/worker";
import { afterAll, beforeAll, expect, test } from "vitest";

import { newId, toTypeId } from "../../domain/id.ts";
import type { CustomerId, OrderId, ShopId, TurnId } from "../../domain/id.ts";
import { bell, conversationWorkflow, conversationWorkflowId } from "../../workflows/conversation.contract.ts";
import type {
  ConversationActivities,
  ConversationInput,
  Decision,
  TurnResult,
} from "../../workflows/conversation.contract.ts";
import { eventually } from "../support/eventually.ts";
import { shortConversationTimings } from "../support/short-timings.ts";
import { temporalNamespace, workflowBundle } from "../support/temporal.ts";

const { address, namespace, taskQueue } = temporalNamespace();

let connection: Connection;
let native: NativeConnection;
let client: Client;
let worker: Worker;
let running: Promise<void>;

/** What the activities of a customer do, and what they were asked. */
type Script = { turn(count: number): Promise<TurnResult> | TurnResult; seen: string[]; turns: number };
const scripts = new Map<CustomerId, Script>();

const activities: ConversationActivities = {
  runTurn: async ({ customerId }) => {
    const script = scriptOf(customerId);
    script.turns += 1;
    script.seen.push("turn");
    return script.turn(script.turns);
  },
  carryOutDecision: ({ customerId, decision }) => {
    scriptOf(customerId).seen.push(decision.kind);
    return Promise.resolve();
  },
};

function scriptOf(customerId: CustomerId): Script {
  const script = scripts.get(customerId);
  if (!script) throw new Error("no script for this customer");
  return script;
}

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger("ERROR") });
  connection = await Connection.connect({ address });
  native = await NativeConnection.connect({ address });
  client = new Client({ connection, namespace });
  worker = await Worker.create({
    connection: native,
    namespace,
    taskQueue,
    workflowBundle: workflowBundle(),
    activities,
  });
  running = worker.run();
});
afterAll(async () => {
  worker.shutdown();
  await running;
  await connection.close();
  await native.close();
});

const quiet = (more: Partial<TurnResult> = {}): TurnResult => ({
  version: 1,
  turnId: newId<TurnId>(),
  hasMore: false,
  decision: null,
  ...more,
});

function converse(turn: Script["turn"], timings = {}) {
  const customerId = newId<CustomerId>();
  const script: Script = { turn, seen: [], turns: 0 };
  scripts.set(customerId, script);
  const input: ConversationInput = {
    version: 1,
    shopId: newId<ShopId>(),
    customerId,
    timings: { ...shortConversationTimings, ...timings },
  };
  const workflowId = conversationWorkflowId(toTypeId("cus", customerId));
  const ring = () =>
    client.workflow.signalWithStart(conversationWorkflow, {
      workflowId,
      taskQueue,
      args: [input],
      signal: bell,
      signalArgs: [],
      workflowIdConflictPolicy: "USE_EXISTING",
      workflowIdReusePolicy: "ALLOW_DUPLICATE",
    });
  return { script, ring, handle: client.workflow.getHandle(workflowId) };
}

test("ends when nothing happened for its idle time", async () => {
  const { script, ring, handle } = converse(() => quiet(), { idleEndMs: 300 });
  await ring();
  await eventually("it has ended", async () => (await handle.describe()).status.name === "COMPLETED");
  expect(script.seen).toEqual(["turn"]);
});

test("starts again for a bell that rings after its end", async () => {
  const { script, ring, handle } = converse(() => quiet(), { idleEndMs: 200 });
  await ring();
  await eventually("it has ended", async () => (await handle.describe()).status.name === "COMPLETED");
  await ring();
  await eventually("it has looked again", () => script.turns === 2);
});

test("looks again for every bell that rings around its end", async () => {
  const idleEndMs = 300;
  const offsets = Array.from({ length: 60 }, (_, index) => index * 12); // twice its idle time, and some
  const looks = offsets.map(async (offsetMs) => {
    const { script, ring } = converse(() => quiet(), { idleEndMs });
    await ring();
    await eventually("it has looked", () => script.turns === 1);
    await wait(offsetMs); // the race itself, not a wait for anything
    await ring();
    await eventually(`it has looked again, rung after ${offsetMs} ms`, () => script.turns >= 2);
  });
  await Promise.all(looks);
}, 60_000);

test("looks again for a bell that rings while it answers, once for any number", async () => {
  let endFirst = () => {};
  const first = new Promise<void>((resolve) => {
    endFirst = resolve;
  });
  const { script, ring, handle } = converse(async (count) => {
    if (count === 1) await first;
    return quiet();
  });
  await ring();
  await eventually("it answers", () => script.turns === 1);
  for (let time = 0; time < 5; time += 1) await ring();
  endFirst();
  await eventually("it has looked again", () => script.turns === 2);
  await handle.signal(bell);
  await eventually("it is at rest", () => script.turns === 3);
  expect(script.seen).toEqual(["turn", "turn", "turn"]);
});

test("carries out what a turn decided before it answers what is left", async () => {
  const decision: Decision = { kind: "place_order", orderId: newId<OrderId>(), hash: "0".repeat(32) };
  const { script, ring } = converse((count) => (count === 1 ? quiet({ decision, hasMore: true }) : quiet()));
  await ring();
  await eventually("both turns are done", () => script.turns === 2);
  expect(script.seen).toEqual(["turn", "place_order", "turn"]);
});

test("gives a turn and its decision the time that the conversation's timings say, and no other", async () => {
  const decision: Decision = { kind: "place_order", orderId: newId<OrderId>(), hash: "0".repeat(32) };
  const { ring, handle, script } = converse((count) => (count === 1 ? quiet({ decision }) : quiet()), {
    turnTimeoutMs: 7_000,
    turnHeartbeatMs: 3_000,
  });
  await ring();
  await eventually("the decision is carried out", () => script.seen.includes("place_order"));
  const { events } = await handle.fetchHistory();
  const asked = (events ?? []).flatMap(({ activityTaskScheduledEventAttributes: scheduled }) =>
    scheduled
      ? [
          [
            scheduled.activityType?.name,
            Number(scheduled.startToCloseTimeout?.seconds),
            Number(scheduled.heartbeatTimeout?.seconds),
          ],
        ]
      : [],
  );
  expect(asked).toEqual([
    ["runTurn", 7, 3],
    ["carryOutDecision", 7, 3],
  ]);
});

test("goes on in a new run after a hundred turns, and loses no bell on the way", async () => {
  const { script, ring, handle } = converse((count) => quiet({ hasMore: count < 130 }));
  await ring();
  const first = (await handle.describe()).runId;
  await eventually("all turns are done", () => script.turns >= 130, 40_000);
  const now = await handle.describe();
  expect(now.runId).not.toBe(first);
  expect(now.status.name).toBe("RUNNING");
  await ring();
  await eventually("it still hears", () => script.turns >= 131);
}, 60_000);

test("tries a turn that fails again until it is done", async () => {
  const { script, ring } = converse((count) => {
    if (count < 3) throw new Error("away");
    return quiet();
  });
  await ring();
  await eventually("the third try is done", () => script.turns === 3);
});
