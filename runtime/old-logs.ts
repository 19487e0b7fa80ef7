import { chmodSync, copyFileSync, readdirSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";

import { retentionRules } from "../domain/privacy/retention-class.ts";

const dayMs = 24 * 60 * 60_000;
const lookEveryMs = 60 * 60_000;
/** A log and the one before it: together they reach back no further than the class of logs allows. */
const turnAfterMs = ((retentionRules.tech_log.defaultDays ?? 0) / 2) * dayMs - lookEveryMs;

/** Sees to it, each hour, that no line of a log is older than 30 days; answers how to stop. */
export function watchAges(folder: string): () => void {
  turnOldLogs(folder, new Date());
  const looking = setInterval(() => turnOldLogs(folder, new Date()), lookEveryMs);
  looking.unref();
  return () => clearInterval(looking);
}

/**
 * A log that is half as old becomes the former one, in whose place it goes, and begins anew. Its writers have it open to
 * append, so it is copied and emptied; a line of that moment may be lost.
 */
export function turnOldLogs(folder: string, now: Date): void {
  for (const name of readdirSync(folder).filter((name) => name.endsWith(".log"))) {
    const path = join(folder, name);
    const former = `${path}.1`;
    const begunMs = statSync(former, { throwIfNoEntry: false })?.mtimeMs ?? statSync(path).birthtimeMs;
    if (now.getTime() - begunMs < turnAfterMs) continue;
    copyFileSync(path, former);
    chmodSync(former, 0o600);
    truncateSync(path);
  }
}
