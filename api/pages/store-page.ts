import type { ShopTransaction } from "../../db/connection.ts";
import { findPageByMetaId, getPage, pageTokenPlace, putPage } from "../../db/pages.ts";
import type { PageRow } from "../../db/pages.ts";
import { noteDefaultPurposes } from "../../db/shop-purposes.ts";
import { requireRoom } from "../../db/require-room.ts";
import { AppError } from "../../domain/app-error.ts";
import { newId } from "../../domain/id.ts";
import type { PageId, ShopId } from "../../domain/id.ts";
import type { ApiDeps } from "../deps.ts";

type Deps = Pick<ApiDeps, "db" | "sealer" | "clock">;

type ToStore = {
  shopId: ShopId;
  metaPageId: string;
  name: string;
  token: string;
  personIndex: Buffer | null;
  /** In the transaction of the change. */
  onConnected?: (trx: ShopTransaction, page: PageRow) => Promise<void>;
};

/** The one place where a Page becomes the shop's, or becomes it again. */
export async function storePage(deps: Deps, page: ToStore): Promise<PageRow> {
  const own = await findOwn(deps, page);
  try {
    return await write(deps, page, own?.id ?? newId());
  } catch (error) {
    // Another request of the shop connected the same new Page meanwhile: its row is the one.
    const winner = own === undefined && isTakenError(error) ? await findOwn(deps, page) : undefined;
    if (winner === undefined) throw error;
    return write(deps, page, winner.id);
  }
}

function findOwn({ db }: Deps, { shopId, metaPageId }: ToStore): Promise<PageRow | undefined> {
  return db.withShop(shopId, (trx) => findPageByMetaId(trx, { shopId, metaPageId }));
}

/** The token is sealed for the row's id. */
async function write({ db, sealer, clock }: Deps, page: ToStore, id: PageId): Promise<PageRow> {
  const { shopId, metaPageId, name, token, personIndex, onConnected } = page;
  const [sealed] = await sealer.seal([{ place: pageTokenPlace(shopId, id), plaintext: token }]);
  if (sealed === undefined) throw new TypeError("nothing was sealed");
  const now = clock.now();
  return db.withShop(shopId, async (trx) => {
    const known = await findPageByMetaId(trx, { shopId, metaPageId });
    const isCounted = known !== undefined && known.state !== "disconnected";
    if (!isCounted) await requireRoom(trx, { shopId, what: "pages" });
    await putPage(trx, { shopId, id, metaPageId, name, token: sealed, personIndex, now });
    await noteDefaultPurposes(trx, { shopId, now });
    const row = await getPage(trx, { shopId, pageId: id });
    await onConnected?.(trx, row);
    return row;
  });
}

function isTakenError(error: unknown): boolean {
  return error instanceof AppError && error.code === "page.taken";
}
