import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { waitUntil } from "./wait-until.ts";

export type RunningProcess = {
  pid: number;
  /** Differs between two processes that had the same pid at different times. */
  startToken: string;
  startedAtMs: number;
  commandLine: string;
  /** Only where the system tells (Linux). */
  workingFolder?: string;
};

/** Undefined when no such process runs; a zombie does not run. */
export function findProcess(pid: number): RunningProcess | undefined {
  if (!Number.isSafeInteger(pid) || pid <= 1) return undefined;
  return process.platform === "linux" ? readLinuxProcess(pid) : readOtherProcess(pid);
}

/** Everything that runs; empty where the system has no cheap way to tell (not Linux). */
export function listProcesses(): RunningProcess[] {
  if (process.platform !== "linux") return [];
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => findProcess(Number(pid)) ?? []);
}

/** True when `pid` still is the very process that `startToken` was read from. */
export function isSameProcess(pid: number, startToken: string): boolean {
  return findProcess(pid)?.startToken === startToken;
}

export type EndProcess = { pid: number; startToken: string; signal: NodeJS.Signals; graceMs: number };

/** Asks with `signal`, then kills after `graceMs`; never touches another process that got the pid since. */
export async function endProcess({ pid, startToken, signal, graceMs }: EndProcess): Promise<void> {
  const isGone = () => (isSameProcess(pid, startToken) ? undefined : true);
  if (isGone()) return;
  trySignal(pid, signal);
  if (await waitUntil(isGone, { timeoutMs: graceMs, everyMs: 20 })) return;
  trySignal(pid, "SIGKILL");
  await waitUntil(isGone, { timeoutMs: 5_000, everyMs: 20 });
}

function trySignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

function readLinuxProcess(pid: number): RunningProcess | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The command in parentheses may hold anything; the fields after it count from the last ")".
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const [state, ticks] = [fields[0], fields[19]];
    if (ticks === undefined || state === "Z" || state === "X") return undefined;
    const workingFolder = tryReadLink(`/proc/${pid}/cwd`);
    return {
      pid,
      startToken: ticks,
      startedAtMs: bootTimeMs() + Number(ticks) * 10, // USER_HZ is 100 on every Linux that Node runs on
      commandLine: readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim(),
      ...(workingFolder === undefined ? {} : { workingFolder }),
    };
  } catch {
    return undefined;
  }
}

function tryReadLink(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

function bootTimeMs(): number {
  const line = readFileSync("/proc/stat", "utf8").match(/^btime (\d+)$/m);
  return Number(line?.[1] ?? 0) * 1_000;
}

function readOtherProcess(pid: number): RunningProcess | undefined {
  const { stdout } = spawnSync("ps", ["-ww", "-p", String(pid), "-o", "stat=,lstart=,command="], {
    encoding: "utf8",
    env: { ...process.env, LC_ALL: "C" },
  });
  const match = stdout.trim().match(/^(\S+)\s+(\w{3} \w{3}\s+\d+ [\d:]{8} \d{4})\s+(.*)$/s);
  const [state, startedAt, commandLine] = [match?.[1], match?.[2], match?.[3]];
  if (state === undefined || startedAt === undefined || state.startsWith("Z")) return undefined;
  return { pid, startToken: startedAt, startedAtMs: Date.parse(startedAt), commandLine: commandLine ?? "" };
}
