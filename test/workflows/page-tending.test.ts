import { Client, Connection } from "@temporalio/client";
import { DefaultLogger, NativeConnection, Runtime, Worker } from "@temporalio/worker";
import { afterAll, beforeAll, expect, test } from "vitest";

import { newId, toTypeId } from "../../domain/id.ts";
import type { PageId, ShopId } from "../../domain/id.ts";
import { pageChanged, pageTendingId, pageTendingWorkflow } from "../../workflows/upkeep.contract.ts";
import type { PageTended, PageTending } from "../../workflows/upkeep.contract.ts";
import { eventually } from "../support/eventually.ts";
import { temporalNamespace, workflowBundle } from "../support/temporal.ts";

const { address, namespace, taskQueue } = temporalNamespace();

let connection: Connection;
let native: NativeConnection;
let client: Client;
let worker: Worker;
let running: Promise<void>;

const done: PageTended = { version: 1, isDone: true, waitMs: 0 };
const busy: PageTended = { version: 1, isDone: false, waitMs: 3_600_000 };

/** What a look at a Page comes to, by how often it was looked at. */
type Look = (count: number) => Promise<PageTended> | PageTended;
const pages = new Map<PageId, { look: Look; looks: number }>();

function tendPage({ pageId }: PageTending): Promise<PageTended> {
  const page = pages.get(pageId);
  if (page === undefined) throw new Error("no such Page");
  page.looks += 1;
  return Promise.resolve(page.look(page.looks));
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
    activities: { tendPage },
  });
  running = worker.run();
});
afterAll(async () => {
  worker.shutdown();
  await running;
  await connection.close();
  await native.close();
});

/** A Page that is rung for; how often it was looked at by the end of the run. */
function openPage(look: Look) {
  const input: PageTending = { version: 1, shopId: newId<ShopId>(), pageId: newId<PageId>() };
  const page = { look, looks: 0 };
  pages.set(input.pageId, page);
  const workflowId = pageTendingId(toTypeId("page", input.pageId));
  return {
    page,
    ring: () =>
      client.workflow.signalWithStart(pageTendingWorkflow, {
        workflowId,
        taskQueue,
        args: [input],
        signal: pageChanged,
        signalArgs: [],
      }),
    looksInAll: async () => {
      await client.workflow.getHandle(workflowId).result();
      return page.looks;
    },
  };
}

test("a Page that is rung for once is looked at once", async () => {
  const { ring, looksInAll } = openPage(() => done);
  await ring();
  expect(await looksInAll()).toBe(1);
});

test("whoever rings while a Page is looked at has it looked at again", async () => {
  const { ring, looksInAll } = openPage(async (count) => {
    if (count === 1) await ring();
    return done;
  });
  await ring();
  expect(await looksInAll()).toBe(2);
});

test("whoever rings while a run waits for Meta ends its wait", async () => {
  const { page, ring, looksInAll } = openPage((count) => (count === 1 ? busy : done));
  await ring();
  await eventually("it was looked at", () => page.looks === 1);
  await ring();
  expect(await looksInAll()).toBe(2);
});
