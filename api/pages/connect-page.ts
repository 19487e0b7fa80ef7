import type { ShopTransaction } from "../../db/connection.ts";
import { openGap } from "../../db/page-gaps.ts";
import { findPageByMetaId, isTaken } from "../../db/pages.ts";
import type { PageRow } from "../../db/pages.ts";
import { letGoOfPage, listPagesByMetaId } from "../../db/system.ts";
import { AppError } from "../../domain/app-error.ts";
import type { ShopId } from "../../domain/id.ts";
import { pageDetail } from "../../domain/messenger/page-detail.ts";
import { missingFields, subscribedFields } from "../../domain/messenger/subscribed-fields.ts";
import type { GraphResult, PageAccess } from "../../domain/ports/messenger-client.ts";
import type { ApiDeps } from "../deps.ts";
import { storePage } from "./store-page.ts";

export type PageDeps = Pick<ApiDeps, "db" | "system" | "sealer" | "clock" | "messenger">;

type ToConnect = {
  shopId: ShopId;
  metaPageId: string;
  token: string;
  /** Whose login the token came from; null: it was given by hand. */
  personIndex: Buffer | null;
  /** In the transaction of the change. */
  onConnected?: (trx: ShopTransaction, page: PageRow) => Promise<void>;
};

/**
 * Asks Meta for the Page's name, subscribes the webhook fields, reads them back, and keeps the token sealed. Connecting
 * again keeps the Page's id and history; from another shop it comes without any, once that one has disconnected it.
 * Whatever fails or is cut off on the way may be done again.
 */
export async function connectPage(deps: PageDeps, page: ToConnect): Promise<PageRow> {
  const { shopId, metaPageId, token } = page;
  const [known] = await listPagesByMetaId(deps.system, [metaPageId]);
  const isOfOther = known !== undefined && known.shopId !== shopId;
  if (isOfOther && known.state !== "disconnected") throw isTaken(metaPageId);
  const access = { metaPageId, token };
  const { name } = answered("read the Page", await deps.messenger.getPage(access));
  await markMissed(deps, shopId, access);
  answered("subscribe the Page's webhooks", await deps.messenger.subscribe(access, subscribedFields));
  const fields = answered("read the subscription back", await deps.messenger.listSubscribedFields(access));
  const missing = missingFields(fields);
  if (missing.length > 0) throw refusal(`Meta did not subscribe these fields: ${missing.join(", ")}.`);
  if (isOfOther) await letGoOfPage(deps.system, { metaPageId, to: shopId });
  return storePage(deps, { ...page, name: pageDetail(name, mostLetters) });
}

/** Facebook allows 75. */
const mostLetters = 200;

/** What a Page of ours missed while it was broken, or unsubscribed and nobody had seen it yet, is to be read back. */
async function markMissed(deps: PageDeps, shopId: ShopId, access: PageAccess): Promise<void> {
  const { metaPageId } = access;
  const own = await deps.db.withShop(shopId, (trx) => findPageByMetaId(trx, { shopId, metaPageId }));
  if (own === undefined || own.state === "disconnected") return;
  const fields = answered("read the subscription", await deps.messenger.listSubscribedFields(access));
  if (own.state !== "broken" && missingFields(fields).length === 0) return;
  // A look may mend it, and tell so, before it is connected: `putPage` sees whether it is broken still.
  const gap = { shopId, pageId: own.id, wasBroken: false, now: deps.clock.now() };
  await deps.db.withShop(shopId, (trx) => openGap(trx, gap));
}

/** What Meta said, or why not: `unavailable` when another try may help. */
function answered<T>(what: string, result: GraphResult<T>): T {
  if (result.ok) return result.value;
  if (result.action !== "retry")
    throw refusal(`Messenger refused to ${what} (code ${result.code ?? "none"}).`);
  throw new AppError("unavailable", "messenger.away", {
    internal: `${what}: code ${result.code ?? "none"}`,
    public: "Messenger does not answer at the moment. Try again.",
  });
}

function refusal(message: string): AppError {
  return new AppError("invalid", "page.cannot_connect", { internal: message, public: message });
}
