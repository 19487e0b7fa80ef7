import type { Context } from "hono";

import type { Look } from "../../../db/admin-upgrades.ts";
import type { ApiEnv } from "../../env.ts";
import { adminOf } from "./admin-of.ts";

/** What the admin of the request does, for the log that it is written into. */
export function lookOf(c: Context<ApiEnv>, action: string): Look {
  return { action, accountId: adminOf(c), now: c.var.deps.clock.now() };
}
