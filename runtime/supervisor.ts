import { mkdir } from "node:fs/promises";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { AppError } from "../domain/app-error.ts";
import type { Bringing } from "./bringing.ts";
import { childEnvironment } from "./child-environment.ts";
import { readConfig } from "./config.ts";
import type { Config } from "./config.ts";
import type { Demo, EnsureDemo } from "./demo-contract.ts";
import { findFreePort } from "./free-port.ts";
import { ChildList, endLeftoverChildren } from "./leftover-children.ts";
import { watchAges } from "./old-logs.ts";
import { watchLog } from "./log-watch.ts";
import type { PartName } from "./parts.ts";
import { takePidLock } from "./pid-lock.ts";
import type { Progress } from "./progress.ts";
import { RunFile } from "./run-file.ts";
import type { RunFacts } from "./run-file.ts";
import { loadSecrets } from "./secrets.ts";
import { bringUpPostgres, bringUpTemporal } from "./servers.ts";
import { statePaths } from "./state-paths.ts";
import { createStep, untilAborted } from "./steps.ts";
import { superviseChild } from "./supervised-child.ts";
import { UndoStack } from "./undo-stack.ts";

export type SupervisorOptions = {
  config: Config;
  /** The environment as it was given; the children get it with every setting decided. */
  env: NodeJS.ProcessEnv;
  progress: Progress;
  signal: AbortSignal;
  /** How a part is run; other commands only in tests and benches. */
  partCommand?: (part: PartName) => string[];
  /** Undefined: `runtime/demo.ts`. */
  ensureDemo?: EnsureDemo;
};

/** Its work waits in rows; a webhook that is answered late is sent again, or given up. */
const workerNiceBy = 5;

export type RunningSystem = { facts: Omit<RunFacts, "pid" | "processes">; stop: () => Promise<void> };

/** Brings everything up in order, and keeps it up. Rejects, with all of it stopped again, when a step fails. */
export async function startSystem(options: SupervisorOptions): Promise<RunningSystem> {
  const undo = new UndoStack();
  try {
    const bringing = await claimHome(options, undo);
    const facts = await bringUp(bringing, options);
    options.signal.throwIfAborted();
    return { facts, stop: () => undo.unwind() };
  } catch (error) {
    await undo.unwind();
    throw error;
  }
}

/** One start at a time in a state folder; whatever a killed one left behind is ended or adopted later on. */
async function claimHome(options: SupervisorOptions, undo: UndoStack): Promise<Bringing> {
  const { config, progress } = options;
  const paths = statePaths(config.SHOPTHREAD_HOME);
  await mkdir(paths.home, { recursive: true, mode: 0o700 });
  const lock = takePidLock(paths.lock);
  if (!lock.ok) throw alreadyRunning(paths.home, lock.holderPid);
  undo.push(lock.release);
  const runFile = new RunFile(paths.runFile);
  runFile.remove();
  await endLeftoverChildren(paths.children, progress);
  const children = new ChildList(paths.children);
  undo.push(() => children.forget());
  const secrets = loadSecrets(paths.secrets);
  const step = createStep(progress, options.signal);
  return { config, paths, secrets, runFile, children, undo, step, progress, signal: options.signal };
}

async function bringUp(bringing: Bringing, options: SupervisorOptions): Promise<RunningSystem["facts"]> {
  const { config, paths, runFile, undo, secrets } = bringing;
  const apiPort = await findFreePort(config.SHOPTHREAD_PORT, "SHOPTHREAD_PORT");
  const simPort = await findFreePort(config.SHOPTHREAD_SIM_PORT, "SHOPTHREAD_SIM_PORT");
  const simMailPort = await findFreePort(config.SHOPTHREAD_SIM_MAIL_PORT, "SHOPTHREAD_SIM_MAIL_PORT");
  const metricsPort = config.SHOPTHREAD_WORKER_METRICS_PORT;
  const workerMetricsPort =
    metricsPort === "off"
      ? ("off" as const)
      : await findFreePort(metricsPort, "SHOPTHREAD_WORKER_METRICS_PORT");
  const postgres = await bringUpPostgres(bringing);
  const temporal = await bringUpTemporal(bringing);
  const scheme = config.SHOPTHREAD_TLS_CERT === undefined ? "http" : "https";
  const addresses = {
    api: `${scheme}://127.0.0.1:${apiPort}`,
    apiPort,
    sim: config.isDemo ? `http://127.0.0.1:${simPort}` : undefined,
    simPort,
    simMailPort,
    temporal: temporal.address,
    temporalUiPort: temporal.uiPort ?? config.SHOPTHREAD_TEMPORAL_UI_PORT,
    workerMetricsPort,
  };
  const env = childEnvironment({ config, given: options.env, secrets, logins: postgres.logins, addresses });
  const partCommand = options.partCommand ?? ownCommand;
  if (config.isDemo) await bringUpParts(bringing, partCommand, env, ["sim"]);
  const demo = config.isDemo ? await bringUpDemo(bringing, options.ensureDemo, env) : undefined;
  await bringUpParts(bringing, partCommand, env, ["worker", "api"]);
  undo.push(watchAges(paths.logs));
  const facts = {
    api: addresses.api,
    console: `${addresses.api}/console`,
    chat: addresses.sim ? `${addresses.sim}/chat` : null,
    sim: addresses.sim ?? null,
    temporalUi: temporal.uiUrl ?? null,
    workerMetrics: workerMetricsPort === "off" ? null : `${scheme}://127.0.0.1:${workerMetricsPort}/metrics`,
    temporalAddress: temporal.address,
    temporalNamespace: config.TEMPORAL_NAMESPACE,
    databaseUrl: postgres.ownerUrl,
    objects: paths.objects,
    temporalDb: config.TEMPORAL_ADDRESS ? null : paths.temporalDb,
    ...(demo ? { demo: { ...demo, page: describePage(env) } } : {}),
  };
  undo.push(() => runFile.remove());
  runFile.publish(facts);
  return facts;
}

/** Starts them together and waits until all are ready. */
async function bringUpParts(
  { paths, runFile, children, undo, step, progress, signal }: Bringing,
  partCommand: (part: PartName) => string[],
  env: NodeJS.ProcessEnv,
  parts: ("api" | "worker" | "sim")[],
): Promise<void> {
  const bring = async () => {
    const started = parts.map((name) => {
      const [command = process.execPath, ...args] = partCommand(name);
      const logFile = `${paths.logs}/${name}.log`;
      const onPid = (pid: number) => {
        children.remember(name, pid);
        runFile.setProcess(name, pid);
      };
      const standsBack = name === "worker" ? { niceBy: workerNiceBy } : {};
      const child = superviseChild({ name, command, args, env, logFile, progress, onPid, ...standsBack });
      const unwatch = watchLog(name, logFile, progress);
      return { child, unwatch };
    });
    // Together: api and worker need each other's time to finish, not each other.
    undo.push(async () => {
      await Promise.all(started.map(({ child }) => child.stop()));
      for (const { unwatch } of started) unwatch();
      progress(`${parts.join(" and ")}: stopped`);
    });
    await untilAborted(Promise.all(started.map(({ child }) => child.ready)), signal);
  };
  await step(parts.join(" and "), bring, () => "ready");
}

export function ownCommand(part: PartName): string[] {
  return [process.execPath, fileURLToPath(new URL("./start.js", import.meta.url)), "--only", part];
}

async function bringUpDemo(
  bringing: Bringing,
  given: EnsureDemo | undefined,
  env: NodeJS.ProcessEnv,
): Promise<Demo> {
  const ensureDemo = given ?? (await import("./demo.ts")).ensureDemo;
  const request = { config: readConfig(env), secrets: bringing.secrets.demo };
  return bringing.step(
    "demonstration shop",
    () => untilAborted(ensureDemo(request), bringing.signal),
    () => "ready",
  );
}

function describePage(env: NodeJS.ProcessEnv) {
  return {
    id: env["SIM_PAGE_ID"] ?? "",
    appId: env["META_APP_ID"] ?? "",
    appSecret: (env["META_APP_SECRET"] ?? "").split(",")[0] ?? "",
    verifyToken: env["META_VERIFY_TOKEN"] ?? "",
  };
}

function alreadyRunning(home: string, pid: number): AppError {
  const message =
    `Shopthread runs already in ${relative(process.cwd(), home) || home} (process ${pid}). Stop it with Ctrl-C, ` +
    "or set SHOPTHREAD_HOME (and the ports) to run a second one beside it.";
  return new AppError("conflict", "runtime.already_running", { internal: message, public: message });
}
