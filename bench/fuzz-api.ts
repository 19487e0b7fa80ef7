import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { readConfig } from "../runtime/config.ts";
import { UsageError, runCommand } from "../runtime/run-command.ts";
import type { RunFacts } from "../runtime/run-file.ts";
import { statePaths } from "../runtime/state-paths.ts";
import { ownCommand, startSystem } from "../runtime/supervisor.ts";
import { fillShop } from "./fuzz-api/fill-shop.ts";
import { findSchemathesis } from "./fuzz-api/python-tools.ts";
import { openRole, roleNames } from "./fuzz-api/roles.ts";
import type { RoleName } from "./fuzz-api/roles.ts";
import { runSchemathesis } from "./fuzz-api/run-schemathesis.ts";
import type { FuzzResult } from "./fuzz-api/run-schemathesis.ts";
import { anyPorts } from "../test/support/any-ports.ts";

const help = `npm run fuzz:api -- [--max-examples N] [--seed S] [--role NAME]…

Starts the whole system as its own processes in a temporary folder, places an order there, and lets schemathesis fuzz
every operation of /openapi.json, once for each role: ${roleNames.join(", ")}.
Schemathesis is installed from PyPI once, into a virtual environment in the user's cache folder; python3 is needed.

  --max-examples N   examples of each operation and phase (20)
  --seed S           the same seed makes the same requests (1)
  --role NAME        only this role; may be repeated

Ends with 1 when a check fails; what failed, and how to repeat it, is in the folder that is then named.`;

await runCommand({ help, run });

async function run(args: string[]): Promise<boolean> {
  const { maxExamples, seed, roles } = readArguments(args);
  const program = await findSchemathesis(say);
  const home = await mkdtemp(join(tmpdir(), "shopthread-fuzz-"));
  const results = await withSystem(home, async (facts, signal) => {
    const ids = await fillShop(facts);
    const done: [RoleName, FuzzResult][] = [];
    for (const role of roles) {
      say(`${role}: fuzzing …`);
      const credential = await openRole(role, facts);
      const folder = join(home, "fuzz", role);
      const { api } = facts;
      done.push([
        role,
        await runSchemathesis({ program, api, credential, ids, maxExamples, seed, folder, signal }),
      ]);
    }
    return done;
  });
  say(describe(results));
  const isClean = results.every(([, { failures }]) => failures.length === 0);
  if (isClean) await rm(home, { recursive: true });
  else say(`\nSee ${join(home, "fuzz")}/<role>/output.txt`);
  return isClean;
}

function readArguments(args: string[]) {
  const { values } = parseArgs({
    args,
    options: {
      "max-examples": { type: "string", default: "20" },
      seed: { type: "string", default: "1" },
      role: { type: "string", multiple: true, default: [] },
    },
  });
  const unknown = values.role.find((name) => !roleNames.some((role) => role === name));
  if (unknown !== undefined) throw new UsageError(`--role: ${unknown} is none of ${roleNames.join(", ")}`);
  const roles = roleNames.filter((role) => values.role.length === 0 || values.role.includes(role));
  return {
    maxExamples: number("max-examples", values["max-examples"]),
    seed: number("seed", values.seed),
    roles,
  };
}

function number(name: string, text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new UsageError(`--${name} must be a positive number`);
}

/** The API is the same, with limits that let a fuzzer through; everything else runs as by `npm start`. */
async function withSystem<T>(
  home: string,
  work: (facts: RunFacts, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  Object.assign(process.env, anyPorts, { SHOPTHREAD_HOME: home, SHOPTHREAD_DEMO: "on" });
  const abort = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => abort.abort());
  const apiProcess = new URL("./fuzz-api/api-process.ts", import.meta.url).pathname;
  const system = await startSystem({
    config: readConfig(process.env),
    env: process.env,
    progress: say,
    signal: abort.signal,
    partCommand: (part) =>
      part === "api" ? [process.execPath, "--import", "tsx", apiProcess] : ownCommand(part),
  });
  try {
    return await work(JSON.parse(await readFile(statePaths(home).runFile, "utf8")) as RunFacts, abort.signal);
  } finally {
    await system.stop();
  }
}

function describe(results: [RoleName, FuzzResult][]): string {
  const head = "| role | cases | accepted | refused | not found | excused | failures | s |";
  const rows = results.map(([role, result]) => {
    const { cases, accepted, rejected, unreachable, excused, failures, seconds } = result;
    const cells = [
      role,
      cases,
      accepted,
      rejected,
      unreachable,
      excused,
      failures.length,
      Math.round(seconds),
    ];
    return `| ${cells.join(" | ")} |`;
  });
  const failed = results.flatMap(([role, { failures }]) =>
    failures.map(({ title, operations }) => `${role}: ${title}: ${operations.join(", ")}`),
  );
  return [head, head.replaceAll(/[^|]+/g, " --- "), ...rows, "", ...failed].join("\n");
}

function say(line: string): void {
  console.log(line);
}
