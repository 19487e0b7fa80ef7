import { connectPage as connect } from "../api/pages/connect-page.ts";
import type { PageId, ShopId } from "../domain/id.ts";
import type { MessengerClient } from "../domain/ports/messenger-client.ts";
import type { Core } from "./open-core.ts";

/** Connects a Page with a token by hand, as the owner does by Facebook's login. */
export async function connectPage(
  core: Core,
  messenger: MessengerClient,
  page: { shopId: ShopId; metaPageId: string; token: string },
): Promise<{ pageId: PageId; name: string }> {
  const { id, name } = await connect({ ...core, messenger }, { ...page, personIndex: null });
  return { pageId: id, name };
}
