import { linkLog, listHeadsToExport, listLogsToLink, markHeadsExported } from "../../db/system-audit.ts";
import type { ShopId } from "../../domain/id.ts";
import type { UpkeepDeps } from "./upkeep-deps.ts";

type ChainDeps = Pick<UpkeepDeps, "system" | "clock" | "log" | "auditHeads">;

const logsALook = 200;
const entriesAtOnce = 500;
/** So that a log with a long past does not keep the others waiting. */
const roundsALook = 20;
const headsAtOnce = 1_000;
/** A head that moves goes outside no more often. */
const exportEveryMs = 60 * 60_000;

/**
 * Links what was written since the last look, log by log, and writes heads that moved outside of the database. Safe to
 * run twice, and beside another worker's: a chain's row lets one in at a time, and a head written twice is the same one.
 */
export async function chainAudit(deps: ChainDeps): Promise<number> {
  let linked = 0;
  for (const shopId of await listLogsToLink(deps.system, logsALook)) {
    try {
      linked += await linkWhole(deps, shopId);
    } catch (error) {
      deps.log.error({ shopId, err: error }, "audit.link_failed");
    }
  }
  await exportHeads(deps);
  return linked;
}

async function linkWhole({ system }: ChainDeps, shopId: ShopId): Promise<number> {
  let linked = 0;
  for (let round = 0; round < roundsALook; round += 1) {
    const count = await linkLog(system, { shopId, limit: entriesAtOnce });
    linked += count;
    if (count < entriesAtOnce) break;
  }
  return linked;
}

/** A head counts as exported once the file has it. */
async function exportHeads({ system, clock, auditHeads }: ChainDeps): Promise<void> {
  const now = clock.now();
  const before = new Date(now.getTime() - exportEveryMs);
  for (;;) {
    const heads = await listHeadsToExport(system, { before, limit: headsAtOnce });
    if (heads.length === 0) return;
    await auditHeads.append(
      heads.map(({ shopId, sequence, hash, lastAt }) => {
        return {
          shopId,
          sequence,
          hash: hash.toString("hex"),
          lastAt: lastAt.toISOString(),
          at: now.toISOString(),
        };
      }),
    );
    await markHeadsExported(system, { heads, now });
  }
}
