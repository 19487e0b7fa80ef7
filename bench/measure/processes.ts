import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";

/** Ticks a second of `/proc/<pid>/stat`. */
const ticks = Number(execFileSync("getconf", ["CLK_TCK"], { encoding: "utf8" }));

export type Pids = Record<string, number>;

/** Its connections are children of it; the others' children are processes of their own name. */
function familyOf(name: string, pid: number, children: Map<number, number[]>): number[] {
  return name === "postgres" ? (children.get(pid) ?? []) : [];
}

/** Seconds of processor time so far, by name; PostgreSQL with its children, the ended ones too. */
export function cpuSeconds(pids: Pids): Record<string, number> {
  const children = childrenByParent();
  return Object.fromEntries(
    Object.entries(pids).map(([name, pid]) => {
      const own = readStat(pid);
      const family = familyOf(name, pid, children).map((child) => readStat(child)?.own ?? 0);
      const ended = name === "postgres" ? (own?.ended ?? 0) : 0;
      const total = family.reduce((sum, value) => sum + value, (own?.own ?? 0) + ended);
      return [name, total / ticks];
    }),
  );
}

export function difference(
  after: Record<string, number>,
  before: Record<string, number>,
): Record<string, number> {
  return Object.fromEntries(
    Object.entries(after).map(([name, value]) => [name, value - (before[name] ?? 0)]),
  );
}

/** Private memory and its share of the common, in MiB, by name; PostgreSQL with its children. NaN of who has gone. */
export function memoryMib(pids: Pids): Record<string, number> {
  const children = childrenByParent();
  return Object.fromEntries(
    Object.entries(pids).map(([name, pid]) => {
      const family = familyOf(name, pid, children).map((child) => pssKib(child) ?? 0); // a connection that just ended
      return [name, family.reduce((sum, value) => sum + value, pssKib(pid) ?? Number.NaN) / 1_024];
    }),
  );
}

/** NaN of who has gone, or is another user's. */
export function openFiles(pids: Pids): Record<string, number> {
  const count = (pid: number) => {
    try {
      return readdirSync(`/proc/${pid}/fd`).length;
    } catch {
      return Number.NaN;
    }
  };
  return Object.fromEntries(Object.entries(pids).map(([name, pid]) => [name, count(pid)]));
}

function childrenByParent(): Map<number, number[]> {
  const children = new Map<number, number[]>();
  for (const entry of readdirSync("/proc")) {
    const stat = /^\d+$/.test(entry) ? readStat(Number(entry)) : undefined;
    if (stat) children.set(stat.parent, [...(children.get(stat.parent) ?? []), Number(entry)]);
  }
  return children;
}

/** Ticks of the process, and of its children that have ended. */
function readStat(pid: number): { parent: number; own: number; ended: number } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = text
      .slice(text.lastIndexOf(")") + 2)
      .split(" ")
      .map(Number);
    const [parent = 0, utime = 0, stime = 0] = [fields[1], fields[11], fields[12]];
    return { parent, own: utime + stime, ended: (fields[13] ?? 0) + (fields[14] ?? 0) };
  } catch {
    return undefined;
  }
}

function pssKib(pid: number): number | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
    return Number(/^Pss:\s+(\d+)/m.exec(text)?.[1]);
  } catch {
    return undefined;
  }
}
