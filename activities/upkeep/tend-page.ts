import { lockWorkingGap } from "../../db/page-gaps.ts";
import { wakeParts } from "../../db/page-health.ts";
import type { PageToCheck } from "../../db/system-sweeps.ts";
import type { PageTended } from "../../workflows/upkeep.contract.ts";
import { checkPage, readPage } from "./check-pages.ts";
import { readGap } from "./read-gap.ts";
import { tellRestored } from "./tell-of-page.ts";
import type { UpkeepDeps } from "./upkeep-deps.ts";

const done: PageTended = { version: 1, isDone: true, waitMs: 0 };

/**
 * Looks at one Page at once: its token, its subscription, and a slice of what its webhooks did not bring. What waited for
 * it goes out, and the owner is told that it works again, once. Safe to run twice, like its parts.
 */
export async function tendPage(deps: UpkeepDeps, { shopId, pageId }: PageToCheck): Promise<PageTended> {
  const ref = { shopId, pageId };
  const health = await checkPage(deps, ref);
  if (health === "ill") return done;
  if (health !== "healthy") return { version: 1, isDone: false, waitMs: health.waitMs };
  const page = await readPage(deps, ref);
  if (page === undefined) return done;
  const now = deps.clock.now();
  const { gap, token_at: tokenAt, created_at: madeAt } = page;
  await deps.db.withShop(shopId, async (trx) => {
    const working = await lockWorkingGap(trx, ref);
    await wakeParts(trx, { ...ref, triedBefore: tokenAt ?? madeAt, now });
    if (working?.wasBroken === true) await tellRestored(trx, { ...ref, gap: working, now });
  });
  return gap === null ? done : { version: 1, ...(await readGap(deps, ref)) };
}
