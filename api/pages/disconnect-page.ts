import type { ShopTransaction } from "../../db/connection.ts";
import { disconnectPage as disconnectRow, findPage, pageTokenPlace } from "../../db/pages.ts";
import type { PageRow } from "../../db/pages.ts";
import type { PageId, ShopId } from "../../domain/id.ts";
import type { Sealed } from "../../domain/sealing.ts";
import type { ApiDeps } from "../deps.ts";

type Deps = Pick<ApiDeps, "db" | "sealer">;
type Ref = { shopId: ShopId; pageId: PageId };

/** In the transaction of the change. */
type OnChange = (trx: ShopTransaction) => Promise<void>;

/**
 * Ends the connection on our side: webhooks are dropped, nothing is sent, the token is gone. The history stays. False:
 * it was not connected.
 */
export async function endConnection({ db, sealer }: Deps, ref: Ref, onChange: OnChange): Promise<boolean> {
  const { shopId, pageId } = ref;
  const [noToken] = await sealer.seal([{ place: pageTokenPlace(shopId, pageId), plaintext: "" }]);
  if (noToken === undefined) throw new TypeError("nothing was sealed");
  return db.withShop(shopId, async (trx) => {
    const isChanged = await disconnectRow(trx, { shopId, id: pageId, noToken });
    if (isChanged) await onChange(trx);
    return isChanged;
  });
}

/**
 * What the owner asks for: Meta is told to send nothing more, with the token that is destroyed then. What Meta answers
 * changes nothing: a dead token cannot unsubscribe, and whatever still comes is dropped at the door.
 */
export async function disconnectPage(
  deps: Deps & Pick<ApiDeps, "messenger" | "log">,
  page: PageRow,
  onChange: OnChange,
): Promise<PageRow | undefined> {
  const ref = { shopId: page.shop_id, pageId: page.id };
  if (page.state !== "disconnected") {
    const token = await openToken(deps, page);
    const answer = await deps.messenger.unsubscribe({ metaPageId: page.meta_page_id, token });
    if (!answer.ok) deps.log.warn({ ...ref, code: answer.code ?? "none" }, "page.not_unsubscribed");
    await endConnection(deps, ref, onChange);
  }
  return deps.db.withShop(ref.shopId, (trx) => findPage(trx, ref));
}

async function openToken({ sealer }: Deps, page: PageRow): Promise<string> {
  const sealed: Sealed = page.token;
  const [token] = await sealer.open([{ place: pageTokenPlace(page.shop_id, page.id), sealed }]);
  return token?.toString("utf8") ?? "";
}
