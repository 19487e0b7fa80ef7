import { findPageByMetaId, putPage } from "../db/pages.ts";
import { AppError } from "../domain/app-error.ts";
import { newId } from "../domain/id.ts";
import type { PageId, ShopId } from "../domain/id.ts";
import { subscribedFields } from "../domain/messenger/subscribed-fields.ts";
import type { GraphResult, MessengerClient } from "../domain/ports/messenger-client.ts";
import { shopSubject } from "../domain/shop/shop-subject.ts";
import type { Core } from "./open-core.ts";

/**
 * Connects a Page with a token by hand: asks Meta for its name, subscribes the webhook fields, reads them back, and
 * keeps the token sealed. Connecting again keeps the Page's history.
 */
export async function connectPage(
  core: Core,
  messenger: MessengerClient,
  { shopId, metaPageId, token }: { shopId: ShopId; metaPageId: string; token: string },
): Promise<{ pageId: PageId; name: string }> {
  const access = { metaPageId, token };
  const { name } = answered("read the Page", await messenger.getPage(access));
  answered("subscribe the Page's webhooks", await messenger.subscribe(access, subscribedFields));
  const fields = answered("read the subscription back", await messenger.listSubscribedFields(access));
  const missing = subscribedFields.filter((field) => !fields.includes(field));
  if (missing.length > 0) {
    throw refusal(`Meta did not subscribe these fields: ${missing.join(", ")}.`);
  }
  const known = await core.db.withShop(shopId, (trx) => findPageByMetaId(trx, { shopId, metaPageId }));
  const pageId = known?.id ?? newId<PageId>();
  const [sealed] = await core.sealer.seal([
    {
      place: {
        shopId,
        subjectId: shopSubject(shopId),
        purpose: "secret",
        field: "page.token",
        rowId: pageId,
      },
      plaintext: token,
    },
  ]);
  if (!sealed) throw new TypeError("nothing was sealed");
  await core.db.withShop(shopId, (trx) =>
    putPage(trx, { shopId, id: pageId, metaPageId, name, token: sealed, now: core.clock.now() }),
  );
  return { pageId, name };
}

function answered<T>(what: string, result: GraphResult<T>): T {
  if (result.ok) return result.value;
  throw refusal(`Messenger refused to ${what} (code ${result.code ?? "none"}).`);
}

function refusal(message: string): AppError {
  return new AppError("invalid", "page.cannot_connect", { internal: message, public: message });
}
