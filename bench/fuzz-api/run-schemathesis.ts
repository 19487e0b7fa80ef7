import { spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";

import type { KnownIds } from "./fill-shop.ts";
import type { Credential } from "./roles.ts";

export type FuzzRun = {
  program: string;
  api: string;
  credential: Credential;
  ids: KnownIds;
  maxExamples: number;
  seed: number;
  /** Where the configuration, the report and what schemathesis says are kept. */
  folder: string;
  signal: AbortSignal;
};

export type FuzzResult = {
  cases: number;
  accepted: number;
  rejected: number;
  unreachable: number;
  /** Kinds of failures with the operations that showed them. */
  failures: { title: string; operations: string[] }[];
  /** What `hooks.py` let pass, by its reasons. */
  excused: number;
  seconds: number;
};

const hooks = fileURLToPath(new URL("./hooks.py", import.meta.url));

/** A hang is looked for, not a slow answer: whatever shares the machine makes answers slow. */
const maxResponseSeconds = 10;

/** Would sign out the session that asks, and all that follows would be 401. Bearers of no session ask it. */
const endsTheSession = "endCurrentSession";

/** Runs every phase with every check against one API as one role. */
export async function runSchemathesis(run: FuzzRun): Promise<FuzzResult> {
  await mkdir(run.folder, { recursive: true });
  const config = join(run.folder, "schemathesis.toml");
  const report = join(run.folder, "report.json");
  await writeFile(config, configOf(run), { mode: 0o600 });
  const args = argumentsOf(run, { config, report });
  const code = await spawnIn(run, args);
  const result = await readReport(report);
  // 1: failures, which the report lists. Anything else that is not 0 stopped the run.
  if (code !== 0 && (code !== 1 || result.failures.length === 0))
    throw new Error(`schemathesis ended with ${code}: see ${join(run.folder, "output.txt")}`);
  return result;
}

function argumentsOf(
  { api, credential, maxExamples, seed }: FuzzRun,
  { config, report }: { config: string; report: string },
): string[] {
  const options = {
    "--url": api,
    "--phases": "examples,coverage,fuzzing,stateful",
    "--checks": "all",
    "--mode": "all",
    "--max-examples": String(maxExamples),
    "--seed": String(seed),
    "--generation-database": "none",
    "--workers": "1", // one request at a time, so that the same seed meets the same rows
    "--max-response-time": String(maxResponseSeconds),
    "--report": "json",
    "--report-json-path": report,
    ...(credential.scheme === "none" ? {} : { "--exclude-operation-id": endsTheSession }),
  };
  const flags = ["--continue-on-failure", "--no-color"];
  return ["--config-file", config, "run", `${api}/openapi.json`, ...Object.entries(options).flat(), ...flags];
}

/** Known ids are drawn three times out of four, so that operations are reached and unknown ids stay in. */
function configOf({ api, credential, ids }: FuzzRun): string {
  const known = Object.entries(ids).filter(([, values]) => values.length > 0);
  const auth = {
    bearer: `[auth.openapi.bearer]\nbearer = ${JSON.stringify("value" in credential ? credential.value : "")}`,
    sessionCookie: `[auth.openapi.sessionCookie]\napi_key = ${JSON.stringify("value" in credential ? credential.value : "")}`,
    none: "",
  }[credential.scheme];
  return [
    `hooks = ${JSON.stringify(hooks)}`,
    "[cache]\nenabled = false", // else what an earlier run found would be asked first
    "[headers]",
    `Origin = ${JSON.stringify(api)}`, // as the console's browser says it
    auth,
    ...known.map(([name, values]) => `[dictionaries.${name}]\nvalues = ${JSON.stringify(values)}`),
    ...known.map(([name]) => `[parameters."path.${name}"]\ndictionary = "${name}"\nprobability = 0.75`),
    "",
  ].join("\n");
}

function spawnIn({ folder, program, signal }: FuzzRun, args: string[]): Promise<number | null> {
  const child = spawn(program, args, { cwd: folder, signal, stdio: ["ignore", "pipe", "pipe"] });
  const output = createWriteStream(join(folder, "output.txt"));
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => output.write(chunk));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => output.end(() => resolve(code)));
  });
}

const Rate = z.object({ accepted: z.int(), unreachable: z.int(), conflicts: z.int(), rejected: z.int() });
const Report = z.object({
  running_time: z.number(),
  complete: z.boolean(),
  operations: z.object({ selected: z.int(), tested: z.int() }),
  test_cases: z.object({ generated: z.int(), errored: z.int() }),
  failures: z.array(z.object({ title: z.string(), operations: z.array(z.string()) })),
  errors: z.array(z.unknown()),
  filtered: z.int(),
  valid_rates: z.record(z.string(), z.record(z.string(), Rate)),
});

async function readReport(path: string): Promise<FuzzResult> {
  const report = Report.parse(JSON.parse(await readFile(path, "utf8")));
  const { operations, errors, test_cases: cases } = report;
  if (!report.complete || errors.length > 0 || operations.tested < operations.selected)
    throw new Error(`the run is not complete: see ${path}`);
  const rates = Object.values(report.valid_rates).flatMap((phases) => Object.values(phases));
  const sum = (key: keyof z.infer<typeof Rate>) => rates.reduce((total, rate) => total + rate[key], 0);
  return {
    cases: cases.generated,
    accepted: sum("accepted"),
    rejected: sum("rejected") + sum("conflicts"),
    unreachable: sum("unreachable"),
    failures: report.failures,
    excused: report.filtered,
    seconds: report.running_time,
  };
}
