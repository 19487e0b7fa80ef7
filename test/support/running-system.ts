import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Client } from "pg";
import { clearLeftovers } from "../../runtime/postgres-leftovers.ts";
import type { RunFacts } from "../../runtime/run-file.ts";
import { endLeftBehindTemporal } from "../../runtime/temporal-leftovers.ts";
import { anyPorts } from "./any-ports.ts";
import { eventually } from "./eventually.ts";

const program = (name: string) => fileURLToPath(new URL(`../../runtime/${name}`, import.meta.url));

export type RunningSystem = {
  home: string;
  facts: RunFacts;
  /** The words of `npm start` so far. */
  output: () => string;
  /** As the superuser. */
  query: (text: string, values?: unknown[]) => Promise<void>;
  stop: () => Promise<void>;
};

/** `npm start` with its own processes, servers and simulators, in a state folder of the caller. */
export async function startWholeSystem(home: string, env: NodeJS.ProcessEnv = {}): Promise<RunningSystem> {
  const child = spawn(process.execPath, [program("start.js")], {
    env: { ...process.env, ...anyPorts, SHOPTHREAD_HOME: home, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += String(chunk)));
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  const stop = async () => {
    child.kill("SIGTERM");
    await eventually("npm start has ended", hasEnded, 40_000);
    await clearLeftovers(join(home, "postgres"));
    const temporal = join(home, "temporal");
    const files = { stateFile: join(temporal, "server.json"), dbFile: join(temporal, "temporal.db") };
    await endLeftBehindTemporal(files, () => undefined);
  };
  try {
    await eventually(
      "npm start is ready",
      () => {
        if (hasEnded()) throw new Error(`the start failed:\n${output}`);
        return output.includes("Ready after");
      },
      90_000,
    );
  } catch (error) {
    await stop();
    throw error;
  }
  const facts = JSON.parse(readFileSync(join(home, "run.json"), "utf8")) as RunFacts;
  return { home, facts, output: () => output, query: (text, values) => query(facts, text, values), stop };
}

async function query({ databaseUrl }: RunFacts, text: string, values: unknown[] = []): Promise<void> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query(text, values);
  } finally {
    await client.end();
  }
}

export type CommandResult = { code: number | null; out: string; err: string };

/** One of the commands of `runtime/`, as an operator runs it. */
export function runProgram(
  name: string,
  args: string[],
  { env = {}, input = "" }: { env?: NodeJS.ProcessEnv; input?: string } = {},
): Promise<CommandResult> {
  const child = spawn(process.execPath, ["--import", "tsx", program(`${name}.ts`), ...args], {
    env: { ...process.env, ...env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  let out = "";
  let err = "";
  child.stdout.on("data", (chunk) => (out += String(chunk)));
  child.stderr.on("data", (chunk) => (err += String(chunk)));
  child.stdin.on("error", () => undefined); // a command that refuses its arguments reads nothing
  child.stdin.end(input);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, out, err }));
  });
}
