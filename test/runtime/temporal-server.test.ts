import { Client, Connection } from "@temporalio/client";
import { expect, onTestFinished, test } from "vitest";
import { startOwnTemporal } from "../support/own-temporal.ts";
import type { OwnTemporal } from "../support/own-temporal.ts";

test("keeps open workflows when the server is killed and started again", async () => {
  const server = await startOwnTemporal();
  await startWorkflow(server, "kept");
  await server.kill();
  await server.start();
  expect(await listOpen(server)).toEqual(["kept"]);
});

test("starts empty on the same address after its database was deleted", async () => {
  const server = await startOwnTemporal();
  await startWorkflow(server, "lost");
  await server.wipe();
  await server.start();
  expect(await listOpen(server)).toEqual([]);
});

async function startWorkflow(server: OwnTemporal, workflowId: string): Promise<void> {
  const client = await connect(server);
  await client.workflow.start("nobodyRunsIt", { workflowId, taskQueue: server.taskQueue });
  await expect.poll(() => listOpen(server)).toEqual([workflowId]);
}

async function listOpen(server: OwnTemporal): Promise<string[]> {
  const client = await connect(server);
  const found: string[] = [];
  for await (const { workflowId } of client.workflow.list({ query: 'ExecutionStatus = "Running"' }))
    found.push(workflowId);
  return found;
}

async function connect({ address, namespace }: OwnTemporal): Promise<Client> {
  const connection = await Connection.connect({ address });
  onTestFinished(() => connection.close());
  return new Client({ connection, namespace });
}
