import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { object, serve } from "@restatedev/restate-sdk";
import type { ObjectContext } from "@restatedev/restate-sdk";

import { findFreePort } from "../../runtime/free-port.ts";
import { createBaselineDeps } from "../baseline/baseline-deps.ts";
import { serveWebhook } from "../baseline/serve-webhook.ts";
import { ask, loadTurn, runTool, sendAnswer } from "../baseline/baseline-turn.ts";
import type { Message } from "../baseline/baseline-turn.ts";

/**
 * The same turn as durable steps of Restate: load, model, tool, model, send. A message is accepted when the server has
 * stored its invocation, and taken once by its id; a conversation is a virtual object, whose turns run one at a time.
 */
const deps = await createBaselineDeps();
const [service, ingress, admin, node] = [
  await findFreePort(0, "service"),
  await findFreePort(0, "ingress"),
  await findFreePort(0, "admin"),
  await findFreePort(0, "node"),
];

async function turn(ctx: ObjectContext, message: Message): Promise<void> {
  const step = <Result>(name: string, work: () => Promise<Result>) => ctx.run(name, work);
  const loaded = await step("load", async () => (await loadTurn(deps, message)) ?? null);
  if (!loaded) return;
  const first = await step("model", () => ask(deps, loaded));
  const shown = await step("tool", () => runTool(deps, message, first));
  const last = await step("model", () => ask(deps, { ...loaded, input: [...loaded.input, ...shown] }));
  await step("send", () => sendAnswer(deps, message, last));
}

await serve({ services: [object({ name: "conversation", handlers: { turn } })], port: service });
const engine = startServer();
await answers(`http://127.0.0.1:${admin}/health`);
await answers(`http://127.0.0.1:${ingress}/restate/health`);
await post(`http://127.0.0.1:${admin}/deployments`, { uri: `http://127.0.0.1:${service}` });
serveWebhook(
  async (message) => {
    const url = `http://127.0.0.1:${ingress}/conversation/${message.psid}/turn/send`;
    await post(url, message, { "idempotency-key": message.mid });
  },
  { engine: engine.pid },
);

function startServer() {
  const home = mkdtempSync(join(tmpdir(), "shopthread-restate-"));
  const program = createRequire(import.meta.url).resolve(
    `@restatedev/restate-server-${process.platform}-${process.arch}/bin/restate-server`,
  );
  const child = spawn(program, [], {
    cwd: home,
    env: {
      RESTATE_BASE_DIR: home,
      RESTATE_BIND_ADDRESS: `127.0.0.1:${node}`,
      RESTATE_INGRESS__BIND_ADDRESS: `127.0.0.1:${ingress}`,
      RESTATE_ADMIN__BIND_ADDRESS: `127.0.0.1:${admin}`,
      RESTATE_DISABLE_TELEMETRY: "true",
      RESTATE_LOG_FILTER: "off",
    },
    stdio: "ignore",
  });
  const end = () => {
    child.kill("SIGKILL");
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  };
  process.once("exit", end);
  process.once("SIGTERM", () => process.exit(0));
  if (child.pid === undefined) throw new Error("the Restate server did not start");
  return { pid: child.pid };
}

async function answers(url: string): Promise<void> {
  const givesUpAt = performance.now() + 30_000;
  for (;;) {
    const status = await fetch(url).then(
      (response) => response.status,
      () => 0,
    );
    if (status === 200) return;
    if (performance.now() > givesUpAt) throw new Error(`${url} does not answer`);
    await wait(100);
  }
}

async function post(url: string, body: unknown, headers: Record<string, string> = {}): Promise<void> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`POST ${url}: ${response.status}`);
  await response.arrayBuffer();
}
