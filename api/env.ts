import type { HttpBindings } from "@hono/node-server";

import type { Actor } from "./auth/actor.ts";
import type { RateLimits } from "./auth/rate-limits.ts";
import type { StoredSession } from "../db/system.ts";
import type { ApiDeps } from "./deps.ts";
import type { Effect } from "./idempotency.ts";
import type { ApiMetrics } from "./metrics.ts";

/**
 * `c.var` of every route. `actor` is set on `/v1/*` behind `authenticate`, `session` behind `ofAccount(route)`, `effect`
 * behind `idempotent(route)`.
 */
export type ApiEnv = {
  Bindings: Partial<HttpBindings>;
  Variables: {
    requestId: string;
    deps: ApiDeps;
    metrics: ApiMetrics;
    limits: RateLimits;
    actor: Actor;
    session: StoredSession;
    effect: Effect;
    /** Work that goes on after the answer; shutdown waits for it. */
    background: (work: Promise<unknown>) => void;
  };
};
