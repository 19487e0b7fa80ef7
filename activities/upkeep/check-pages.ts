import { openGap } from "../../db/page-gaps.ts";
import { findQuietThread, markPageHealthy, setPageRouting, wakeParts } from "../../db/page-health.ts";
import { findPage, pageTokenPlace } from "../../db/pages.ts";
import type { PageRow } from "../../db/pages.ts";
import { createLimiter } from "../../clients/limiter.ts";
import { listPagesToCheck } from "../../db/system-sweeps.ts";
import type { PageToCheck } from "../../db/system-sweeps.ts";
import { missingFields, subscribedFields } from "../../domain/messenger/subscribed-fields.ts";
import type { GraphFailure, PageAccess } from "../../domain/ports/messenger-client.ts";
import { openText } from "../open-text.ts";
import { breakPage, tellOfCalm, tellOfPage } from "./tell-of-page.ts";
import type { UpkeepDeps } from "./upkeep-deps.ts";

const restMs = 2 * 60_000;
/** Meta answers in about a second: some thousand Pages in the ten minutes that a look has. */
const pagesAtOnce = 8;
/** Where Meta does not say how long; its limits are counted in minutes. */
const busyMs = 60_000;

/**
 * Checks token and subscription of every Page: an hour of failed webhooks makes Meta unsubscribe it without a word, and
 * a token dies without a webhook. A lost subscription is set again and read back, and so is what it missed; a dead token
 * stops the sending.
 */
export async function checkPages(deps: UpkeepDeps): Promise<void> {
  const limited = createLimiter(pagesAtOnce);
  const pages = await listPagesToCheck(deps.system);
  await Promise.all(pages.map((page) => limited(() => checkOne(deps, page))));
}

/** One that cannot be looked at holds nobody else. */
async function checkOne(deps: UpkeepDeps, page: PageToCheck): Promise<void> {
  try {
    const health = await checkPage(deps, page);
    const row = health === "healthy" ? await readPage(deps, page) : undefined;
    if (row !== undefined && row.gap !== null) await deps.processes.tendPage(page);
  } catch (error) {
    deps.log.error({ shopId: page.shopId, pageId: page.pageId, err: error }, "page.check_failed");
  }
}

/** `waitMs`: Messenger did not answer, and may be asked again after so long. */
export type PageHealth = "healthy" | "ill" | { waitMs: number };

/** Safe to run twice: every change names the state that it was decided on, and each trouble has one notice. */
export async function checkPage(deps: UpkeepDeps, ref: PageToCheck): Promise<PageHealth> {
  const page = await readPage(deps, ref);
  if (!page || page.state === "disconnected") return "ill";
  const access = await openAccess(deps, page);
  const problem = await findProblem(deps, page, access);
  await deps.atStep("page.probed");
  if (typeof problem === "object" && problem !== null) return problem;
  const now = deps.clock.now();
  if (problem !== null) {
    await deps.db.withShop(ref.shopId, (trx) =>
      breakPage(trx, { ...ref, version: page.version, problem, bySend: false, now }),
    );
    return "ill";
  }
  if (page.state === "broken" && hasJustBroken(page, now)) return "ill";
  await deps.db.withShop(ref.shopId, async (trx) => {
    const isSaid = page.refused_at === null;
    if (page.state === "broken") {
      await openGap(trx, { ...ref, wasBroken: isSaid, now });
      await wakeParts(trx, { ...ref, triedBefore: now, now });
    }
    await markPageHealthy(trx, { ...ref, version: page.version, now });
    await tellOfCalm(trx, { ...ref, now });
  });
  await checkRouting(deps, page, access);
  return "healthy";
}

/**
 * Messenger refused to send, and says of the token that all is well: the Page rests, lest it break and mend, and the
 * owner be told, as fast as we can ask.
 */
function hasJustBroken({ checked_at: brokenAt }: PageRow, now: Date): boolean {
  return brokenAt !== null && now.getTime() - brokenAt.getTime() < restMs;
}

export function readPage(deps: UpkeepDeps, ref: PageToCheck): Promise<PageRow | undefined> {
  return deps.db.withShop(ref.shopId, (trx) => findPage(trx, ref));
}

export async function openAccess(deps: UpkeepDeps, page: PageRow): Promise<PageAccess> {
  const place = pageTokenPlace(page.shop_id, page.id);
  const [token] = await openText(deps.sealer, [{ place, sealed: page.token }]);
  return { metaPageId: page.meta_page_id, token: token ?? "" };
}

type Problem = string | { waitMs: number };

/** Null: healthy now. `waitMs`: Messenger did not answer, which says nothing of the Page. */
async function findProblem(deps: UpkeepDeps, page: PageRow, access: PageAccess): Promise<Problem | null> {
  const fields = await deps.messenger.listSubscribedFields(access);
  if (!fields.ok) return problemOf(fields);
  // A send was refused: that the subscription can be read is no proof that the token may send.
  if (page.state === "broken") {
    const token = await deps.messenger.probeToken(access);
    if (!token.ok) return problemOf(token);
    if (!token.value.isValid) return "page.token_dead";
    if (!token.value.scopes.includes("pages_messaging")) return "page.permission_missing";
  }
  if (missingFields(fields.value).length === 0) return null;
  const now = deps.clock.now();
  const ref = { shopId: page.shop_id, pageId: page.id };
  await deps.db.withShop(ref.shopId, (trx) => openGap(trx, { ...ref, wasBroken: false, now }));
  await deps.atStep("page.gap_opened");
  const subscribed = await deps.messenger.subscribe(access, subscribedFields);
  if (!subscribed.ok) return problemOf(subscribed);
  await deps.atStep("page.subscribed");
  const again = await deps.messenger.listSubscribedFields(access);
  if (!again.ok) return { waitMs: waitMsOf(again) };
  return missingFields(again.value).length === 0 ? null : "page.not_subscribed";
}

function problemOf(failure: GraphFailure): Problem {
  const { action, code } = failure;
  const isPageTrouble = action === "page_broken" || action === "permanent";
  return isPageTrouble ? `graph.${code ?? "refused"}` : { waitMs: waitMsOf(failure) };
}

/** Who asks on while Meta limits us is limited for longer. */
export function waitMsOf({ afterMs = 0 }: GraphFailure): number {
  return Math.max(busyMs, afterMs);
}

/** Another app that has the customers' threads answers them, or nobody does; only the owner can change it, at Facebook. */
async function checkRouting(deps: UpkeepDeps, page: PageRow, access: PageAccess): Promise<void> {
  const ref = { shopId: page.shop_id, pageId: page.id };
  const now = deps.clock.now();
  const thread = await deps.db.withShop(ref.shopId, (trx) => findQuietThread(trx, { ...ref, now }));
  if (thread === undefined) return;
  const place = {
    shopId: ref.shopId,
    subjectId: thread.customerId,
    purpose: "chat",
    field: "customer.psid",
    rowId: thread.customerId,
  } as const;
  const [psid] = await openText(deps.sealer, [{ place, sealed: thread.psid }]);
  if (psid === undefined) return;
  const owner = await deps.messenger.findThreadOwner(access, psid);
  if (!owner.ok || owner.value === "unknown") return;
  const routing = owner.value;
  await deps.db.withShop(ref.shopId, async (trx) => {
    if (!(await setPageRouting(trx, { ...ref, routing })) || routing !== "theirs") return;
    await tellOfPage(trx, { ...ref, kind: "page_shared", key: `shared:${now.toISOString()}`, now });
  });
}
