import { parseArgs } from "node:util";
import { createMessengerClient } from "../clients/messenger.ts";
import { findShop } from "../db/shops.ts";
import { fromTypeId, toTypeId } from "../domain/id.ts";
import type { ShopId } from "../domain/id.ts";
import { readCommandConfig } from "./command-config.ts";
import { demandSettings } from "./config.ts";
import { connectPage } from "./connect-page.ts";
import { noSuchShop } from "./no-such-shop.ts";
import { openCore } from "./open-core.ts";
import { readSecret } from "./read-secret.ts";
import { UsageError, demandOption, runCommand } from "./run-command.ts";

const help = `npm run page -- connect --shop <shop_…> --page <number>

Connects a Facebook Page to a shop: reads its name with the token, subscribes the webhook fields, reads the
subscription back, and keeps the token sealed. From then on it is checked every hour. Connecting again replaces the
token and keeps the history.

The Page's access token comes from SHOPTHREAD_PAGE_TOKEN or from the standard input (first line; not shown when
typed), never from the arguments. META_APP_ID and META_APP_SECRET must be those of the token's app.

Works on the npm start that runs in SHOPTHREAD_HOME, else on what DATABASE_URL… and TEMPORAL_ADDRESS name.`;

await runCommand({ help, run });

async function run(args: string[]): Promise<boolean> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { shop: { type: "string" }, page: { type: "string" } },
  });
  if (positionals.join(" ") !== "connect") throw new UsageError("the only thing to do is connect");
  const shopId = fromTypeId<ShopId>("shop", demandOption("shop", values.shop));
  if (shopId === undefined) throw new UsageError("--shop must be an id that begins with shop_");
  const metaPageId = demandOption("page", values.page);
  if (!/^\d{5,20}$/.test(metaPageId)) throw new UsageError("--page must be the number of the Page");
  const config = demandSettings(readCommandConfig(), "npm run page", ["META_APP_ID", "META_APP_SECRET"]);
  const token = await readSecret("the Page's access token", "SHOPTHREAD_PAGE_TOKEN");
  const core = await openCore(config, { name: "page-command", login: "api", connections: 2 });
  try {
    const messenger = createMessengerClient({
      egress: core.egress,
      baseUrl: config.GRAPH_BASE_URL,
      version: config.GRAPH_VERSION,
      appId: config.META_APP_ID,
      appSecret: config.META_APP_SECRET[0] ?? "",
    });
    const shop = await core.db.withShop(shopId, (trx) => findShop(trx, shopId));
    if (shop === undefined) throw noSuchShop(shopId);
    const { pageId, name } = await connectPage(core, messenger, { shopId, metaPageId, token });
    console.log(`${toTypeId("page", pageId)}  ${name}`);
    return true;
  } finally {
    await core.close();
  }
}
