import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { findProcess, isSameProcess } from "./running-process.ts";

export type PidLock = { ok: true; release: () => void } | { ok: false; holderPid: number };

/** A file that names its holder; the lock of a process that died is taken over. */
export function takePidLock(path: string): PidLock {
  mkdirSync(dirname(path), { recursive: true });
  const mine = `${process.pid} ${findProcess(process.pid)?.startToken ?? ""}`;
  for (let attempt = 1; ; attempt++) {
    try {
      writeFileSync(path, mine, { flag: "wx", mode: 0o600 });
      return { ok: true, release: () => rmSync(path, { force: true }) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const holder = readHolder(path);
    if (holder?.isAlive) return { ok: false, holderPid: holder.pid };
    if (attempt > 5) return { ok: false, holderPid: holder?.pid ?? 0 };
    rmSync(path, { force: true });
  }
}

function readHolder(path: string): { pid: number; isAlive: boolean } | undefined {
  try {
    const [pid, ...startToken] = readFileSync(path, "utf8").split(" ");
    return { pid: Number(pid), isAlive: isSameProcess(Number(pid), startToken.join(" ")) };
  } catch {
    return undefined; // released between the two looks
  }
}
