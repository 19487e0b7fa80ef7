import { DBOS } from "@dbos-inc/dbos-sdk";

import { createBaselineDeps } from "../baseline/baseline-deps.ts";
import { serveWebhook } from "../baseline/serve-webhook.ts";
import { ask, loadTurn, runTool, sendAnswer } from "../baseline/baseline-turn.ts";
import type { Message } from "../baseline/baseline-turn.ts";

/**
 * The same turn as durable steps of DBOS: load, model, tool, model, send. A message is accepted when its workflow's row is
 * committed, and taken once by its id. Order within a conversation is not kept after a crash.
 */
const deps = await createBaselineDeps();
const url = new URL(process.env["DATABASE_URL"] ?? "");
url.pathname = "/bench_dbos";
DBOS.setConfig({ name: "bench", systemDatabaseUrl: url.href, logLevel: "error", runAdminServer: false });

async function turn(message: Message): Promise<void> {
  const step = <Result>(name: string, work: () => Promise<Result>) => DBOS.runStep(work, { name });
  const loaded = await step("load", () => loadTurn(deps, message));
  if (!loaded) return;
  const first = await step("model", () => ask(deps, loaded));
  const shown = await step("tool", () => runTool(deps, message, first));
  const last = await step("model", () => ask(deps, { ...loaded, input: [...loaded.input, ...shown] }));
  await step("send", () => sendAnswer(deps, message, last));
}

const durableTurn = DBOS.registerWorkflow(turn, { name: "turn" });
await DBOS.launch();
serveWebhook(async (message) => {
  await DBOS.startWorkflow(durableTurn, { workflowID: message.mid })(message);
});
