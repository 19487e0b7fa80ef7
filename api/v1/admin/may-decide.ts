import type { Context } from "hono";

import { whyNotDecide } from "../../../db/may-decide.ts";
import type { ApiEnv } from "../../env.ts";
import { decisionRefusal } from "../request-decision.ts";
import { adminOf } from "./admin-of.ts";

/** Throws (403) for an admin who has a share in it; asked before anything that they write is stored. */
export async function demandMayDecide(
  c: Context<ApiEnv>,
  row: Parameters<typeof whyNotDecide>[1],
): Promise<void> {
  const reason = await c.var.deps.db.withShop(row.shop_id, (trx) => whyNotDecide(trx, row, adminOf(c)));
  if (reason !== null) throw decisionRefusal("upgrade", reason);
}
