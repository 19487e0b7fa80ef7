import { defaultPatience, defaultPurgeSettings } from "../../activities/upkeep/upkeep-deps.ts";
import type { UpkeepDeps } from "../../activities/upkeep/upkeep-deps.ts";
import { manualTransfer } from "../../clients/manual-transfer.ts";
import { defaultPayoutTimings } from "../../domain/payout/timings.ts";
import {
  MemoryExecutions,
  memoryErasureList,
  shortErasureTimings,
  testSigner,
} from "../support/erasure-parts.ts";
import { ownAppId } from "../api/api-world.ts";
import type { OwnerWorld } from "../api/owner-world.ts";
import { activityDeps } from "./activity-deps.ts";

/** Of upkeep that a test calls by itself, with a door that takes in whatever comes. */
export function upkeepDeps(world: OwnerWorld, given: Partial<UpkeepDeps> = {}): UpkeepDeps {
  return {
    ...activityDeps(world, { db: world.worker }),
    system: world.deps.system,
    mail: { sendMail: () => Promise.resolve({ outcome: "sent" }) },
    payoutProvider: manualTransfer,
    payoutTimings: defaultPayoutTimings,
    forgetKeys: (subjectId) => world.deps.sealer.forget(subjectId),
    executions: new MemoryExecutions(),
    erasureList: memoryErasureList(),
    certificateSigner: testSigner(),
    erasureTimings: shortErasureTimings,
    listRunning: () => Promise.resolve(new Set<string>()),
    patience: defaultPatience,
    gaps: { callsASlice: 1, pauseMs: 0 },
    purge: defaultPurgeSettings,
    metaAppId: ownAppId,
    door: { receive: ({ items }) => Promise.resolve(items.length) },
    auditHeads: { append: () => Promise.resolve(), read: () => Promise.resolve([]) },
    buildPackage: null,
    ...given,
  };
}
