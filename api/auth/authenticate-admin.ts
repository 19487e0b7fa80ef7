import { createMiddleware } from "hono/factory";

import type { ApiEnv } from "../env.ts";
import { notSignedIn } from "./authenticate.ts";
import { checkOrigin } from "./check-origin.ts";
import { limitActor } from "./limit-actor.ts";
import { readCredential } from "./read-actor.ts";
import { readAdmin } from "./read-admin.ts";

/**
 * Sets `c.var.actor` for everything below `/v1/admin` and `/v1/compliance`: the session of an account with a role of the platform, which acts
 * for no shop. A key is nobody here.
 */
export const authenticateAdmin = createMiddleware<ApiEnv>(async (c, next) => {
  const credential = readCredential(c);
  if (credential === undefined) throw notSignedIn();
  if (credential.from === "cookie") checkOrigin(c, { isByCookie: true });
  const actor = await readAdmin(c.var.deps, credential.token);
  if (actor === undefined) throw notSignedIn();
  await limitActor(c, actor);
  c.set("actor", actor);
  c.header("cache-control", "no-store");
  await next();
});
