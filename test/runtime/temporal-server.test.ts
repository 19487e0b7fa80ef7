import { writeFile } from "node:fs/promises";
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

test.each([
  ["killed", (server: OwnTemporal) => server.kill()],
  ["still running", () => Promise.resolve()],
])("makes a database anew, once, that was made with other settings: %s", async (_what, leave) => {
  const server = await startOwnTemporal();
  await startWorkflow(server, "stranded");
  await leave(server);
  await writeFile(`${server.dbFile}.ready`, ""); // as releases before fairness left it
  await server.start();
  expect(await listOpen(server)).toEqual([]);
  expect(server.said.filter((line) => line.includes("made with other settings"))).toHaveLength(1);
  await startWorkflow(server, "kept");
  await server.kill();
  await server.start();
  expect(await listOpen(server)).toEqual(["kept"]);
});

test("adopts a server that is alike and still runs", async () => {
  const server = await startOwnTemporal();
  await startWorkflow(server, "kept");
  await server.start();
  expect(server.said.at(-1)).toContain("adopted");
  expect(await listOpen(server)).toEqual(["kept"]);
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
