import { createRetentionActivities } from "../../activities/retention/index.ts";
import type { SystemDatabase } from "../../db/system-database.ts";
import type { RetentionRunId } from "../../domain/id.ts";

type Sizes = { recordsAPage: number; pagesASlice: number };

/** The activities of a retention at an instant, and what the workflow does with them. */
export function retentionAt(
  system: SystemDatabase,
  now: Date,
  purge: Sizes = { recordsAPage: 1_000, pagesASlice: 1_000 },
) {
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const clock = { now: () => now };
  const activities = createRetentionActivities({
    system,
    clock,
    log,
    purge,
    atStep: () => Promise.resolve(),
  });
  const finish = async (runId: RetentionRunId) => {
    for (;;) {
      const { state } = await activities.sweepRetention({ runId });
      if (state !== "more") return activities.endRetention({ runId, state });
    }
  };
  return {
    ...activities,
    finish,
    purge: async () => finish((await activities.beginRetention()).runId),
  };
}
