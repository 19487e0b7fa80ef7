import { beginPurge, endRun, sweepRun } from "../../db/system-retention.ts";
import { AppError } from "../../domain/app-error.ts";
import type { RetentionRunId } from "../../domain/id.ts";
import type { RetentionActivities, SweptRetention } from "../../workflows/retention.contract.ts";
import type { UpkeepDeps } from "../upkeep/upkeep-deps.ts";

export type RetentionDeps = Pick<UpkeepDeps, "system" | "clock" | "log" | "atStep" | "purge">;

export function createRetentionActivities(deps: RetentionDeps): RetentionActivities {
  return {
    // Safe to run twice: a run that goes on is taken up, and there is one at a time.
    beginRetention: async () => ({ version: 1, runId: await beginPurge(deps.system, deps.clock.now()) }),
    sweepRetention: ({ runId }) => sweepRetention(deps, runId),
    endRetention: async ({ runId, state }) => {
      const run = await endRun(deps.system, { runId, state, now: deps.clock.now() });
      if (run === undefined) throw new AppError("not_found", "retention.not_found", { internal: runId });
      const results = run.results.filter(({ phase }) => phase === "remove");
      const sum = (of: "counted" | "removed") => results.reduce((total, result) => total + result[of], 0);
      const ended = { version: 1, state, counted: sum("counted"), removed: sum("removed") } as const;
      deps.log.info({ runId, kind: run.kind, ...ended }, "retention.ended");
      return ended;
    },
  };
}

/** Safe to run twice: each page is committed with its progress. */
async function sweepRetention(deps: RetentionDeps, runId: RetentionRunId): Promise<SweptRetention> {
  const { recordsAPage, pagesASlice } = deps.purge;
  for (let page = 0; page < pagesASlice; page += 1) {
    const { state } = await sweepRun(deps.system, { runId, limit: recordsAPage });
    await deps.atStep("retention.page_committed");
    if (state !== "more") return { version: 1, state };
  }
  return { version: 1, state: "more" };
}
