import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { withSlowNotice } from "./progress.ts";
import type { Progress } from "./progress.ts";
import { findProcess, isSameProcess } from "./running-process.ts";
import { waitUntil } from "./wait-until.ts";

/** One installer at a time in `folder`; the lock of a process that died is taken over. */
export async function withInstallLock<T>(
  folder: string,
  progress: Progress,
  work: () => Promise<T>,
): Promise<T> {
  mkdirSync(folder, { recursive: true });
  const lock = join(folder, "install.lock");
  await withSlowNotice(progress, `waiting for another start that installs into ${folder}`, () =>
    waitUntil(() => (tryTake(lock) ? true : undefined), { timeoutMs: 30 * 60_000, everyMs: 500 }),
  );
  try {
    return await work();
  } finally {
    rmSync(lock, { force: true });
  }
}

function tryTake(lock: string): boolean {
  const mine = `${process.pid} ${findProcess(process.pid)?.startToken ?? ""}`;
  try {
    writeFileSync(lock, mine, { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    if (!isHeld(lock)) rmSync(lock, { force: true });
    return false;
  }
}

function isHeld(lock: string): boolean {
  try {
    const [pid, ...startToken] = readFileSync(lock, "utf8").split(" ");
    return isSameProcess(Number(pid), startToken.join(" "));
  } catch {
    return true; // it went away between the two looks; the next try decides
  }
}
