import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { ServiceError, WorkflowNotFoundError, isGrpcServiceError } from "@temporalio/client";
import { historyToJSON } from "@temporalio/common/lib/proto-utils.js";
import { createDataConverter, createPayloadCodec } from "../clients/payload-codec.ts";
import { loadPayloadKeys } from "../clients/payload-keys.ts";
import { AppError } from "../domain/app-error.ts";
import { readCommandConfig, readOutsideConfig } from "./command-config.ts";
import { demandSettings } from "./config.ts";
import { describeHistory } from "./describe-history.ts";
import type { HistoryJson } from "./describe-history.ts";
import { UsageError, runCommand } from "./run-command.ts";
import { statePaths } from "./state-paths.ts";
import { connectTemporal } from "./temporal-client.ts";
import { temporalTls } from "./tls.ts";

const help = `npm run history -- <workflow id> [--run <run id>] [--json]
npm run history -- --file <history.json>

Prints the history of a workflow with its payloads decoded, one line an event: conversation/cus_…, order/ord_….
The newest run without --run. --json prints the sealed history as Temporal keeps it, for a replay test.
--file reads such a file instead of asking Temporal; it is opened with the payload keys of SHOPTHREAD_HOME.

Ends with 1 when there is no such workflow.`;

const deadlineMs = 15_000;

await runCommand({ help, run });

async function run(args: string[]): Promise<boolean> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { run: { type: "string" }, json: { type: "boolean" }, file: { type: "string" } },
  });
  const [workflowId, ...rest] = positionals;
  if (rest.length > 0 || (workflowId === undefined) === (values.file === undefined))
    throw new UsageError("one workflow id, or one --file");
  const history =
    workflowId === undefined
      ? await readHistoryFile(values.file ?? "")
      : await fetchHistory(workflowId, values.run);
  if (history === undefined) {
    console.error(`There is no workflow ${workflowId}.`);
    return false;
  }
  if (values.json) console.log(JSON.stringify(history, null, 1));
  else for (const line of await describeHistory(history, await openCodec())) console.log(line);
  return true;
}

async function readHistoryFile(path: string): Promise<HistoryJson> {
  return JSON.parse(await readFile(path, "utf8")) as HistoryJson;
}

async function openCodec() {
  return createPayloadCodec(
    await loadPayloadKeys(statePaths(readOutsideConfig().SHOPTHREAD_HOME).payloadKeys),
  );
}

async function fetchHistory(workflowId: string, runId: string | undefined): Promise<HistoryJson | undefined> {
  const config = demandSettings(readCommandConfig(), "npm run history", ["TEMPORAL_ADDRESS"]);
  const keys = await loadPayloadKeys(statePaths(config.SHOPTHREAD_HOME).payloadKeys);
  const { client, close } = connectTemporal({
    address: config.TEMPORAL_ADDRESS,
    namespace: config.TEMPORAL_NAMESPACE,
    dataConverter: createDataConverter(keys),
    tls: temporalTls(config),
  });
  try {
    const handle = client.workflow.getHandle(workflowId, runId);
    return await client.withDeadline(Date.now() + deadlineMs, async () => {
      await handle.describe(); // it alone says in words that there is no such workflow
      return JSON.parse(historyToJSON(await handle.fetchHistory())) as HistoryJson;
    });
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    if (!(error instanceof ServiceError) && !isGrpcServiceError(error)) throw error;
    const message = `Temporal at ${config.TEMPORAL_ADDRESS} does not answer.`;
    throw new AppError("unavailable", "temporal.away", { internal: message, public: message, cause: error });
  } finally {
    await close();
  }
}
