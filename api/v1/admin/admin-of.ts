import type { Context } from "hono";

import type { AccountId } from "../../../domain/id.ts";
import type { ApiEnv } from "../../env.ts";

/** The person behind a request below `/v1/admin`, where no key is let in. */
export function adminOf(c: Context<ApiEnv>): AccountId {
  const { accountId } = c.var.actor;
  if (accountId === null) throw new TypeError("an admin is a person");
  return accountId;
}
