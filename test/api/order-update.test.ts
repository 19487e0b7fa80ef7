import { Client, Connection } from "@temporalio/client";
import { ApplicationFailure } from "@temporalio/common";
import { DefaultLogger, NativeConnection, Runtime, Worker } from "@temporalio/worker";
import { afterAll, beforeAll, expect, test } from "vitest";

import { requestOrderUpdate } from "../../api/order-update.ts";
import type { UpdateGateway } from "../../api/request-update.ts";
import { newId, toTypeId } from "../../domain/id.ts";
import type { OrderId, ShopId } from "../../domain/id.ts";
import { orderWorkflowId } from "../../workflows/order.contract.ts";
import type {
  DecideOrder,
  DecisionResult,
  OrderActivities,
  OrderSnapshot,
} from "../../workflows/order.contract.ts";
import { eventually } from "../support/eventually.ts";
import { temporalNamespace, workflowBundle } from "../support/temporal.ts";

const shopId = newId<ShopId>();
const { address, namespace, taskQueue } = temporalNamespace();

let connection: Connection;
let native: NativeConnection;
let client: Client;
let gateway: UpdateGateway;
beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger("ERROR") });
  [connection, native] = await Promise.all([
    Connection.connect({ address }),
    NativeConnection.connect({ address }),
  ]);
  client = new Client({ connection, namespace });
  gateway = {
    updates: client.workflow,
    taskQueue,
    ping: async () => {
      await connection.withDeadline(Date.now() + 1_000, () => connection.workflowService.getSystemInfo({}));
    },
    endIfStuck: () => Promise.resolve(),
  };
});
afterAll(async () => {
  await connection.close();
  await native.close();
});

/** Orders as rows in memory: `packed` is the only decision that they know. */
function fakeOrders() {
  const packed = new Set<OrderId>();
  const closed = new Set<OrderId>();
  const decisions: DecideOrder[] = [];
  const snapshot = (orderId: OrderId): OrderSnapshot => ({
    version: 1,
    rowVersion: packed.has(orderId) ? 2 : 1,
    phase: closed.has(orderId) ? "closed" : "fulfilling",
    order: "placed",
    payment: "paid",
    fulfilment: packed.has(orderId) ? "packed" : "pending",
    hasUnjudgedEvidence: false,
    next: null,
    activity: { timeoutMs: 5_000, retryMs: 100 },
  });
  const load: OrderActivities["loadOrder"] = ({ orderId }) => Promise.resolve(snapshot(orderId));
  const activities: OrderActivities = {
    loadOrder: load,
    reviewEvidence: load,
    decideOrder: async (decision): Promise<DecisionResult> => {
      decisions.push(decision);
      const { orderId, name } = decision;
      if (name === "cancelOrder") throw ApplicationFailure.nonRetryable("no", "order.cannot_cancel");
      const outcome = packed.has(orderId) ? "already" : "decided";
      packed.add(orderId);
      return { outcome, reason: null, snapshot: snapshot(orderId) };
    },
    warnBeforeExpiry: load,
    expireOrder: load,
    remindOfReview: load,
    escalateReview: load,
    tellCustomerReviewIsLate: load,
    declineUnacceptedCod: load,
    remindOfBalance: load,
    remindToShip: load,
    askIfDelivered: load,
    remindOfRefund: load,
  };
  return { activities, packed, closed, decisions };
}

async function withWorker(activities: OrderActivities, fn: () => Promise<void>): Promise<void> {
  const worker = await Worker.create({
    connection: native,
    namespace,
    taskQueue,
    workflowBundle: workflowBundle(),
    activities,
  });
  await worker.runUntil(fn);
}

const by = { accountId: null, apiKeyId: null };

function pack(orderId: OrderId, updateId: string, deadlineMs?: number): Promise<DecisionResult> {
  return requestOrderUpdate(gateway, {
    shopId,
    orderId,
    name: "packOrder",
    request: { by },
    updateId,
    findRecorded: () => Promise.resolve(undefined),
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
  });
}

test("a decision starts the order's workflow from its row and answers with the new state", async () => {
  const orders = fakeOrders();
  const orderId = newId<OrderId>();
  await withWorker(orders.activities, async () => {
    expect(await pack(orderId, "u1")).toMatchObject({
      outcome: "decided",
      snapshot: { fulfilment: "packed" },
    });
    expect(await pack(orderId, "u2")).toMatchObject({ outcome: "already" });
    // The same update id in the same run is the same decision: the order is not asked again.
    expect(await pack(orderId, "u1")).toMatchObject({ outcome: "decided" });
    expect(orders.decisions.length).toBe(2);
    const handle = client.workflow.getHandle(orderWorkflowId(toTypeId("ord", orderId)));
    expect((await handle.describe()).priority).toMatchObject({ fairnessKey: shopId });
    await handle.terminate();
  });
});

test("an order that has ended answers a late decision with the recorded one", async () => {
  const orders = fakeOrders();
  const orderId = newId<OrderId>();
  orders.packed.add(orderId);
  orders.closed.add(orderId);
  await withWorker(orders.activities, async () => {
    expect(await pack(orderId, "u1")).toMatchObject({ outcome: "already" });
    await eventually("the workflow has ended", async () => {
      const { status } = await client.workflow
        .getHandle(orderWorkflowId(toTypeId("ord", orderId)))
        .describe();
      return status.name === "COMPLETED";
    });
    expect(await pack(orderId, "u2")).toMatchObject({ outcome: "already" });
  });
});

test("validator and activity refuse with their own codes", async () => {
  const orders = fakeOrders();
  const orderId = newId<OrderId>();
  const ask = { shopId, orderId, findRecorded: () => Promise.resolve(undefined) };
  await withWorker(orders.activities, async () => {
    const refund = requestOrderUpdate(gateway, {
      ...ask,
      name: "refundOrder",
      request: { by, amountMinor: -1, effectKey: "e" },
      updateId: "u1",
    });
    await expect(refund).rejects.toMatchObject({ kind: "invalid", code: "order.amount_invalid" });
    const cancel = requestOrderUpdate(gateway, {
      ...ask,
      name: "cancelOrder",
      request: { by, actor: "owner", reasonIntakeId: null },
      updateId: "u2",
    });
    await expect(cancel).rejects.toMatchObject({ kind: "conflict", code: "order.cannot_cancel" });
    await client.workflow.getHandle(orderWorkflowId(toTypeId("ord", orderId))).terminate();
  });
});

test("without a worker the outcome is unknown, and the same update id finds it later", async () => {
  const orders = fakeOrders();
  const orderId = newId<OrderId>();
  await expect(pack(orderId, "u1", 1_500)).rejects.toMatchObject({ kind: "unknown_outcome" });
  await withWorker(orders.activities, async () => {
    expect(await pack(orderId, "u1")).toMatchObject({ snapshot: { fulfilment: "packed" } });
    expect(orders.packed.has(orderId)).toBe(true);
    await client.workflow.getHandle(orderWorkflowId(toTypeId("ord", orderId))).terminate();
  });
});

test("a server that is away is 503, and nothing is queued", async () => {
  const lost = Connection.lazy({ address: "127.0.0.1:1", connectTimeout: 500 });
  const away: UpdateGateway = {
    updates: new Client({ connection: lost, namespace }).workflow,
    taskQueue,
    ping: async () => {
      await lost.withDeadline(Date.now() + 1_000, () => lost.workflowService.getSystemInfo({}));
    },
    endIfStuck: () => Promise.resolve(),
  };
  const asked = requestOrderUpdate(away, {
    shopId,
    orderId: newId<OrderId>(),
    name: "packOrder",
    request: { by },
    updateId: "u1",
    findRecorded: () => Promise.resolve(undefined),
  });
  await expect(asked).rejects.toMatchObject({ kind: "unavailable", code: "processes.away" });
  await lost.close();
});
