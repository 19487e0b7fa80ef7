import { closeSync, openSync, readSync, statSync } from "node:fs";
import type { Progress } from "./progress.ts";

/** Shows errors of a JSON-lines log as they come, at most a few in a while; answers how to stop. */
export function watchLog(name: string, path: string, progress: Progress, everyMs = 500): () => void {
  let offset = sizeOf(path);
  let rest = "";
  let allowance = 5;
  const look = () => {
    const size = sizeOf(path);
    if (size < offset) offset = 0;
    if (size === offset) return;
    const lines = (rest + read(path, offset, size)).split("\n");
    offset = size;
    rest = lines.pop() ?? "";
    for (const problem of lines.flatMap((line) => describeProblem(line) ?? [])) {
      allowance -= 1;
      if (allowance >= 0) progress(`${name}: ${problem}`);
      if (allowance === 0) progress(`${name}: further errors only in ${path}`);
    }
  };
  const looking = setInterval(look, everyMs);
  const refilling = setInterval(() => (allowance = 5), 60_000);
  return () => {
    clearInterval(looking);
    clearInterval(refilling);
    look();
  };
}

type Entry = { level?: string; msg?: string; err?: { class?: string; code?: string; internal?: string } };

function describeProblem(line: string): string | undefined {
  const entry = parse(line);
  if (entry?.level !== "error" && entry?.level !== "fatal") return undefined;
  const { err } = entry;
  if (err === undefined) return entry.msg;
  const reason = [err.code ?? err.class, err.internal].filter((part) => part !== undefined).join(": ");
  return `${entry.msg} (${reason})`;
}

function parse(line: string): Entry | undefined {
  try {
    return JSON.parse(line) as Entry; // a line of our own logger, or nothing that is looked at
  } catch {
    return undefined;
  }
}

function sizeOf(path: string): number {
  try {
    return statSync(path).size;
  } catch {
    return 0;
  }
}

function read(path: string, from: number, to: number): string {
  const file = openSync(path, "r");
  try {
    const bytes = Buffer.alloc(to - from);
    return bytes.subarray(0, readSync(file, bytes, 0, bytes.length, from)).toString("utf8");
  } finally {
    closeSync(file);
  }
}
