import { parseArgs } from "node:util";
import { defaultPatience } from "../activities/upkeep/upkeep-deps.ts";
import { listUnserved, reconcile } from "../activities/upkeep/reconcile.ts";
import { listUnevenGrants } from "../db/system-credits.ts";
import { toTypeId } from "../domain/id.ts";
import { readCommandConfig } from "./command-config.ts";
import { openCore } from "./open-core.ts";
import { taskQueues } from "./queues.ts";
import { UsageError, runCommand } from "./run-command.ts";
import { createProcesses, listRunning } from "./temporal-client.ts";
import { waitUntil } from "./wait-until.ts";

const help = `npm run reconcile

Starts a workflow for every open order, undecided slip, request for a plan and subscription that has none or whose own cannot move, and rings for messages that wait: after a Temporal database was
lost, restored or replaced, or to make sure. Harmless at any time; the worker does it by itself every five minutes.

Looks whether what each grant of credits has left is what its ledger says.

Ends with 1 when one of them is still without a workflow afterwards, or a grant and its ledger differ.

Works on the npm start that runs in SHOPTHREAD_HOME, else on what DATABASE_URL… and TEMPORAL_ADDRESS name.`;

/** The listing follows a start by some milliseconds. */
const settleMs = 15_000;

await runCommand({ help, run });

async function run(args: string[]): Promise<boolean> {
  if (parseArgs({ args, allowPositionals: true }).positionals.length > 0)
    throw new UsageError("takes no arguments");
  const core = await openCore(readCommandConfig(), { name: "reconcile", login: "worker", connections: 2 });
  try {
    const deps = {
      ...core,
      processes: createProcesses(core.temporal, taskQueues.main, (id) =>
        console.log(`Was stuck, begins anew: ${id}`),
      ),
      listRunning: () => listRunning(core.temporal, taskQueues.main),
      patience: defaultPatience,
    };
    const done = await reconcile(deps);
    console.log(
      `${done.openRows} open orders, slips, requests and subscriptions; started a workflow for ${done.startedProcesses} of them`,
    );
    console.log(`${done.rungConversations} conversations and orders rung`);
    const isServed = await waitUntil(async () => (await listUnserved(deps)).length === 0 || undefined, {
      timeoutMs: settleMs,
      everyMs: 200,
    });
    if (!isServed)
      for (const id of await listUnserved(deps)) console.error(`Still without a workflow: ${id}`);
    const uneven = await listUnevenGrants(core.system);
    for (const { shopId, grantId } of uneven)
      console.error(
        `Not what its ledger says: grant ${toTypeId("grt", grantId)} of ${toTypeId("shop", shopId)}`,
      );
    return isServed === true && uneven.length === 0;
  } finally {
    await core.close();
  }
}
