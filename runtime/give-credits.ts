import { openDatabase } from "../db/connection.ts";
import { grantCredits } from "../db/credits.ts";
import type { NewGrant } from "../db/credits.ts";
import { findShop } from "../db/shops.ts";
import { demandSettings } from "./config.ts";
import type { Config } from "./config.ts";

/**
 * Grants credits by the platform's own word, once for each effect key; undefined: there is no such shop. By the worker's
 * login, since whoever breaks into the API shall make none.
 */
export async function giveCredits(
  config: Config,
  grant: Omit<NewGrant, "kind" | "effectiveAt" | "priority">,
): Promise<boolean | undefined> {
  const { DATABASE_URL_WORKER: url } = demandSettings(config, "granting credits", ["DATABASE_URL_WORKER"]);
  const db = openDatabase({ url, maxConnections: 1, name: "give-credits" });
  try {
    return await db.withShop(grant.shopId, async (trx) => {
      if ((await findShop(trx, grant.shopId)) === undefined) return undefined;
      return grantCredits(trx, { ...grant, kind: "adjustment" });
    });
  } finally {
    await db.close();
  }
}
