import type { Context } from "hono";

import type { ApiEnv } from "../env.ts";
import type { Actor } from "./actor.ts";
import { takePoint } from "./rate-limits.ts";

/** One bucket an actor and shop; says in headers what is left (draft-ietf-httpapi-ratelimit-headers). */
export async function limitActor(c: Context<ApiEnv>, actor: Actor): Promise<void> {
  const { actor: limiter } = c.var.limits;
  const left = await takePoint(limiter, `${actor.shopId}|${actor.actorId}`);
  c.header("ratelimit-policy", `"default";q=${limiter.points};w=${limiter.duration}`);
  c.header("ratelimit", `"default";r=${left.remainingPoints};t=${Math.ceil(left.msBeforeNext / 1_000)}`);
}
