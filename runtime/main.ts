import { relative } from "node:path";
import { AppError } from "../domain/app-error.ts";
import { loadEnvFile, readConfig } from "./config.ts";
import type { Config } from "./config.ts";
import { partNames } from "./parts.ts";
import type { PartName } from "./parts.ts";
import { describeDuration } from "./progress.ts";
import type { RunFacts } from "./run-file.ts";
import { runPart } from "./run-part.ts";
import { takeSecretFiles } from "./secret-files.ts";
import { startSystem } from "./supervisor.ts";

const help = `npm start                    everything: databases, simulators, worker, API
npm start -- --only <part>   one process (${partNames.join(", ")}), against what the settings name
npm start -- --help          this text

Settings come from the environment and from .env; .env.example lists them.`;

/** Runs what the arguments ask for; ends the process by itself when it fails. */
export async function main(args: string[]): Promise<void> {
  try {
    const wanted = parseArguments(args);
    if (wanted === "help") return console.log(help);
    loadEnvFile();
    takeSecretFiles(process.env);
    const config = readConfig(process.env, wanted);
    await (wanted === "all" ? runAll(config) : runPart(wanted, config));
  } catch (error) {
    console.error(explain(error));
    process.exit(1);
  }
}

function parseArguments(args: string[]): "all" | "help" | PartName {
  const [option, value, ...rest] = args;
  if (option === undefined) return "all";
  if (option === "--help" || option === "-h") return "help";
  const part = option === "--only" ? partNames.find((name) => name === value) : undefined;
  if (part !== undefined && rest.length === 0) return part;
  throw new AppError("invalid", "runtime.arguments", {
    internal: args.join(" "),
    public: `These arguments mean nothing here: ${args.join(" ")}\n\n${help}`,
  });
}

async function runAll(config: Config): Promise<void> {
  const startedAt = performance.now();
  const abort = new AbortController();
  const progress = (line: string) => console.log(line);
  process.stdout.on("error", () => undefined); // whoever reads may leave
  const isStopWanted = new Promise<string>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => resolve(signal));
    whenNpmHasGone(() => resolve("npm has gone"));
  });
  progress(`Shopthread is starting; its state is in ${shortPath(config.SHOPTHREAD_HOME)}`);
  const starting = startSystem({ config, env: process.env, progress, signal: abort.signal });
  const first = await Promise.race([starting, isStopWanted]);
  if (typeof first !== "string") {
    progress(describeSystem(first.facts, describeDuration(performance.now() - startedAt)));
    await isStopWanted;
  }
  progress("Stopping …");
  abort.abort(new AppError("conflict", "runtime.stopped", { internal: "stopped during the start" }));
  process.once("SIGINT", () => process.exit(130)); // a second Ctrl-C: at once; the next start recovers
  await starting.then(
    (system) => system.stop(),
    () => undefined, // a start that was interrupted has undone itself
  );
  progress("Stopped. Everything is kept.");
  process.exit(0);
}

function shortPath(path: string): string {
  const fromHere = relative(process.cwd(), path);
  return fromHere === "" || fromHere.startsWith("..") ? path : fromHere;
}

/** npm hands SIGTERM to its shell alone, which dies of it without a word to us. */
function whenNpmHasGone(act: () => void): void {
  if (process.env["npm_lifecycle_event"] === undefined) return;
  const { ppid } = process;
  setInterval(() => process.ppid !== ppid && act(), 500).unref();
}

function describeSystem(facts: Omit<RunFacts, "pid" | "processes">, took: string): string {
  const { demo } = facts;
  const rows: [string, string | null | undefined][] = [
    ["Chat page", facts.chat],
    ["Console", facts.console],
    ["  owner", demo && `${demo.owner.email}  ${demo.owner.password}`],
    ["  admin", demo?.admin && `${demo.admin.email}  ${demo.admin.password}`],
    ["  compliance", demo?.compliance && `${demo.compliance.email}  ${demo.compliance.password}`],
    ["API reference", `${facts.api}/openapi.json`],
    ["  API key", demo?.apiKey],
    ["Mails", facts.sim && `${facts.sim}/mail`],
    ["Simulators", facts.sim && `${facts.sim}/openapi.json`],
    ["Temporal", facts.temporalUi],
  ];
  const lines = rows.flatMap(([name, value]) => (value ? [`  ${name.padEnd(15)}${value}`] : []));
  return ["", `Ready after ${took}.`, ...lines, "", "Ctrl-C stops everything; the data stay.", ""].join("\n");
}

function explain(error: unknown): string {
  if (error instanceof AppError) return error.details.public ?? `${error.code}: ${error.details.internal}`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
