import { insertNotice } from "../../db/owner-notices.ts";
import { findPage, markPageBroken, markPageHealthy } from "../../db/page-health.ts";
import { listPagesToCheck } from "../../db/system-sweeps.ts";
import type { PageToCheck } from "../../db/system-sweeps.ts";
import { newId } from "../../domain/id.ts";
import { subscribedFields } from "../../domain/messenger/subscribed-fields.ts";
import type { PageAccess } from "../../domain/ports/messenger-client.ts";
import { shopSubject } from "../../domain/shop/shop-subject.ts";
import { openText } from "../open-text.ts";
import type { UpkeepDeps } from "./upkeep-deps.ts";

/**
 * Checks token and subscription of every Page: an hour of failed webhooks makes Meta unsubscribe it without a word, and
 * a token dies without a webhook. A lost subscription is set again and read back; a dead token stops the sending.
 */
export async function checkPages(deps: UpkeepDeps): Promise<void> {
  for (const page of await listPagesToCheck(deps.system)) {
    try {
      await checkPage(deps, page);
    } catch (error) {
      deps.log.error({ shopId: page.shopId, pageId: page.pageId, err: error }, "page.check_failed");
    }
  }
}

export async function checkPage(deps: UpkeepDeps, { shopId, pageId }: PageToCheck): Promise<boolean> {
  const page = await deps.db.withShop(shopId, (trx) => findPage(trx, { shopId, pageId }));
  if (!page) return false;
  const place = {
    shopId,
    subjectId: shopSubject(shopId),
    purpose: "secret",
    field: "page.token",
    rowId: pageId,
  } as const;
  const [token] = await openText(deps.sealer, [{ place, sealed: page.token }]);
  const problem = await findProblem(deps, { metaPageId: page.meta_page_id, token: token ?? "" });
  if (problem === "retry") return false;
  const now = deps.clock.now();
  await deps.db.withShop(shopId, async (trx) => {
    if (problem === null) return markPageHealthy(trx, { shopId, pageId, now });
    if (!(await markPageBroken(trx, { shopId, pageId, problem }))) return;
    await insertNotice(trx, {
      shopId,
      id: newId(),
      kind: "page_broken",
      businessKey: `page:${pageId}:broken:${now.toISOString().slice(0, 10)}`,
      data: {},
      now,
    });
  });
  return problem === null;
}

/** Null: healthy now. `retry`: Messenger did not answer, which says nothing of the Page. */
async function findProblem(deps: UpkeepDeps, access: PageAccess): Promise<string | null> {
  const fields = await deps.messenger.listSubscribedFields(access);
  if (!fields.ok) return isPageTrouble(fields.action) ? `graph.${fields.code ?? "refused"}` : "retry";
  if (subscribedFields.every((field) => fields.value.includes(field))) return null;
  const subscribed = await deps.messenger.subscribe(access, subscribedFields);
  if (!subscribed.ok)
    return isPageTrouble(subscribed.action) ? `graph.${subscribed.code ?? "refused"}` : "retry";
  const again = await deps.messenger.listSubscribedFields(access);
  if (!again.ok) return "retry";
  return subscribedFields.every((field) => again.value.includes(field)) ? null : "page.not_subscribed";
}

function isPageTrouble(action: string): boolean {
  return action === "page_broken" || action === "permanent";
}
