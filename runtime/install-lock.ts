import { join } from "node:path";
import { takePidLock } from "./pid-lock.ts";
import { withSlowNotice } from "./progress.ts";
import type { Progress } from "./progress.ts";
import { waitUntil } from "./wait-until.ts";

/** One installer at a time in `folder`, so that two starts do not both download or build. */
export async function withInstallLock<T>(
  folder: string,
  progress: Progress,
  work: () => Promise<T>,
): Promise<T> {
  const path = join(folder, "install.lock");
  const tryTake = () => {
    const lock = takePidLock(path);
    return lock.ok ? lock : undefined;
  };
  const lock = await withSlowNotice(progress, `waiting for another start that installs into ${folder}`, () =>
    waitUntil(tryTake, { timeoutMs: 30 * 60_000, everyMs: 500 }),
  );
  try {
    return await work();
  } finally {
    lock?.release();
  }
}
