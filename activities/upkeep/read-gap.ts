import { setTimeout as wait } from "node:timers/promises";

import { setGap } from "../../db/page-gaps.ts";
import type { PageRow } from "../../db/pages.ts";
import type { PageToCheck } from "../../db/system-sweeps.ts";
import { moveGap } from "../../domain/messenger/page-gap.ts";
import type { PageGap } from "../../domain/messenger/page-gap.ts";
import type { ConversationPage } from "../../domain/ports/messenger-client.ts";
import { openAccess, readPage, waitMsOf } from "./check-pages.ts";
import { takeInMissed } from "./take-in-missed.ts";
import { tellRestored } from "./tell-of-page.ts";
import type { UpkeepDeps } from "./upkeep-deps.ts";

export type GapRead = { isDone: boolean; waitMs: number };

const done: GapRead = { isDone: true, waitMs: 0 };

/**
 * Reads a slice of what a Page's webhooks did not bring, from the Conversations API. Safe to run twice: messages come in
 * by their webhooks' event keys, and the mark moves only from where it was read.
 */
export async function readGap(deps: UpkeepDeps, ref: PageToCheck): Promise<GapRead> {
  const { callsASlice, pauseMs } = deps.gaps;
  for (let call = 0; call < callsASlice; call += 1) {
    const page = await readPage(deps, ref);
    const gap = page?.gap ?? null;
    if (page?.state !== "connected" || gap === null) return done;
    const access = await openAccess(deps, page);
    const listed = await deps.messenger.listConversations(access, gap.cursor);
    await deps.atStep("gap.listed");
    // A cursor that Meta has forgotten; a dead token is for the next check to find.
    if (!listed.ok) {
      const waitMs = waitMsOf(listed);
      return listed.action === "permanent" ? restart(deps, ref, { gap, waitMs }) : { isDone: false, waitMs };
    }
    if (await step(deps, { page, gap, listed: listed.value })) return done;
    await wait(pauseMs);
  }
  return { isDone: false, waitMs: 0 };
}

type Step = { page: PageRow; gap: PageGap; listed: ConversationPage };

/** True: all is read. */
async function step(deps: UpkeepDeps, { page, gap, listed }: Step): Promise<boolean> {
  const { conversations, next } = listed;
  const movedSince = new Date(gap.movedSince);
  const moved = conversations.filter(({ movedAt }) => movedAt >= movedSince);
  const from = new Date(gap.from);
  const messages = moved.flatMap((one) => one.messages).filter(({ at }) => at >= from);
  const hasFound = await takeInMissed(deps, { page, messages, openedAt: new Date(gap.openedAt) });
  await deps.atStep("gap.stored");
  const ref = { shopId: page.shop_id, pageId: page.id };
  const now = deps.clock.now();
  const to = moveGap(gap, { next, hasPassed: moved.length < conversations.length, hasFound }, now);
  await deps.db.withShop(ref.shopId, async (trx) => {
    if (!(await setGap(trx, { ...ref, from: gap, to })) || to !== null) return;
    if (!gap.hasFound && !hasFound) return;
    await tellRestored(trx, { ...ref, gap, now });
  });
  await deps.atStep("gap.moved");
  return to === null;
}

async function restart(
  deps: UpkeepDeps,
  ref: PageToCheck,
  { gap, waitMs }: { gap: PageGap; waitMs: number },
): Promise<GapRead> {
  if (gap.cursor === null) return done;
  const to = { ...gap, cursor: null, calls: 0 };
  await deps.db.withShop(ref.shopId, (trx) => setGap(trx, { ...ref, from: gap, to }));
  return { isDone: false, waitMs };
}
