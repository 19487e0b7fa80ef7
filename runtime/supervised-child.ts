import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { constants, getPriority, setPriority } from "node:os";
import { dirname } from "node:path";
import { AppError } from "../domain/app-error.ts";
import type { Progress } from "./progress.ts";
import { SUPERVISED } from "./run-part.ts";

export type ChildOptions = {
  name: string;
  command: string;
  args: string[];
  env: NodeJS.ProcessEnv;
  /** Its output, as it is, appended. */
  logFile: string;
  progress: Progress;
  /** At every start of the process. */
  onPid: (pid: number) => void;
  /** How far it stands back for its siblings when the processors are short. */
  niceBy?: number;
  backOff?: BackOff;
};

export type BackOff = { firstMs: number; maxMs: number; resetAfterMs: number };

export type SupervisedChild = {
  /** Rejects when the first start ends before the child has said that it is ready. */
  ready: Promise<void>;
  stop: () => Promise<void>;
};

const STOP_GRACE_MS = 25_000;
const MAX_LOG_BYTES = 20 * 1024 * 1024;

/** Starts a child that says `{ type: "ready" }` over IPC, and starts it again whenever it ends. */
export function superviseChild(options: ChildOptions): SupervisedChild {
  const backOff = options.backOff ?? { firstMs: 500, maxMs: 30_000, resetAfterMs: 60_000 };
  let child: ChildProcess | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isStopping = false;
  let delayMs = backOff.firstMs;
  let settleReady: { resolve: () => void; reject: (error: Error) => void } | undefined;
  const ready = new Promise<void>((resolve, reject) => (settleReady = { resolve, reject }));
  ready.catch(() => undefined); // whoever awaits it sees it; nobody must

  const start = () => {
    let readySince: number | undefined;
    rotateLog(options.logFile);
    const logStart = fileSize(options.logFile);
    child = launch(options);
    child.on("message", (message) => {
      if (!isReadyMessage(message)) return;
      if (settleReady === undefined) options.progress(`${options.name} is back`);
      readySince = performance.now();
      settleReady?.resolve();
      settleReady = undefined;
    });
    const onEnd = (how: string) => {
      if (isStopping) return;
      if (settleReady) return settleReady.reject(startFailure(options, how, logStart));
      const wasStable = readySince !== undefined && performance.now() - readySince > backOff.resetAfterMs;
      if (wasStable) delayMs = backOff.firstMs;
      options.progress(`${options.name} ended (${how}); starting it again in ${delayMs / 1_000} s`);
      timer = setTimeout(start, delayMs);
      delayMs = Math.min(delayMs * 2, backOff.maxMs);
    };
    child.once("exit", (code, signal) => onEnd(signal ?? `exit code ${code}`));
    const hasStarted = child.pid !== undefined;
    child.once("error", (error) => !hasStarted && onEnd(error.message));
  };
  start();
  return {
    ready,
    stop: async () => {
      isStopping = true;
      clearTimeout(timer);
      if (child) await endChild(child);
    },
  };
}

function launch({ command, args, env, logFile, onPid, niceBy }: ChildOptions): ChildProcess {
  mkdirSync(dirname(logFile), { recursive: true });
  const log = openSync(logFile, "a", 0o600);
  const child = spawn(command, args, {
    env: { ...env, [SUPERVISED]: "1" },
    stdio: ["pipe", log, log, "ipc"],
    detached: true, // a group of its own: Ctrl-C reaches the supervisor alone, which stops all in order
  });
  closeSync(log);
  child.on("error", () => undefined); // a failed message or signal: it has ended, and that is heard of
  child.stdin?.on("error", () => undefined);
  if (child.pid !== undefined && niceBy !== undefined) standBack(child.pid, niceBy);
  if (child.pid !== undefined) onPid(child.pid);
  return child;
}

/**
 * At once: on Linux it is the first thread's priority, which those that follow inherit. There a session is scheduled as
 * one (man 7 sched, autogroup), and the child leads its own: without the second step the first would change nothing.
 */
function standBack(pid: number, niceBy: number): void {
  try {
    const priority = Math.min(constants.priority.PRIORITY_LOW, getPriority() + niceBy);
    setPriority(pid, priority);
    if (process.platform === "linux") writeFileSync(`/proc/${pid}/autogroup`, String(priority));
  } catch {
    // It has ended already, or the system has or allows no such thing: it works as well, and its siblings wait longer.
  }
}

/** Closing its pipe asks it to finish; who does not is killed. */
async function endChild(child: ChildProcess): Promise<void> {
  const hasEnded = child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
  if (hasEnded) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.stdin?.end();
  const timer = setTimeout(() => child.kill("SIGKILL"), STOP_GRACE_MS);
  await ended;
  clearTimeout(timer);
}

function isReadyMessage(message: unknown): boolean {
  return typeof message === "object" && message !== null && "type" in message && message.type === "ready";
}

function startFailure({ name, logFile }: ChildOptions, how: string, logStart: number): AppError {
  const lines = readFileSync(logFile).subarray(logStart).toString("utf8").trim().split("\n");
  const plain = lines.filter((line) => !line.startsWith("{"));
  const shown = (plain.length > 0 ? plain : lines).slice(-12).join("\n");
  const message = `${name} did not start (${how}; log: ${logFile})\n${shown}`;
  return new AppError("unavailable", "runtime.part_failed", { internal: message, public: message });
}

/** One older generation is kept; a child that runs for months is for a real log collector. */
function rotateLog(path: string): void {
  if (fileSize(path) > MAX_LOG_BYTES) renameSync(path, `${path}.1`);
}

function fileSize(path: string): number {
  try {
    return statSync(path).size;
  } catch {
    return 0;
  }
}
