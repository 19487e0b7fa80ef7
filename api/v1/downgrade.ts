import { createRoute } from "@hono/zod-openapi";
import type { Context } from "hono";

import { getSubscription } from "../../db/subscriptions.ts";
import type { SubscriptionRow } from "../../db/subscriptions.ts";
import { asPlan } from "../../domain/subscription/upgrade.ts";
import type { ApiEnv } from "../env.ts";
import { idempotent } from "../idempotency.ts";
import { problems } from "../problem.ts";
import { scoped } from "../route.ts";
import { createRouter } from "../router.ts";
import { decideSubscription } from "./decide-subscription.ts";
import { decisionBy } from "./decision-by.ts";
import { findOffer } from "./open-upgrade.ts";
import { jsonAnswer, jsonBody } from "./route-parts.ts";
import { ScheduleDowngradeBody, SubscriptionSchema, toSubscription } from "./upgrade.schema.ts";

export const downgradeRoutes = createRouter();

const answers = {
  200: jsonAnswer("The subscription as it is now", SubscriptionSchema),
  ...problems(404, 409, 503, 504),
};

const scheduleRoute = createRoute(
  idempotent(
    scoped("subscription.write", {
      operationId: "scheduleDowngrade",
      method: "post",
      path: "/v1/subscription/schedule-downgrade",
      tags: ["Subscription"],
      description:
        "A cheaper plan for after the end of what is paid for; the next payment is for it, and made before the end it begins at the end. Another one may be chosen, or none (`cancelDowngrade`), until it is paid for.",
      request: { body: jsonBody(ScheduleDowngradeBody) },
      responses: answers,
    }),
    async (c) => toSubscription(await readRow(c)),
  ),
);

downgradeRoutes.openapi(scheduleRoute, async (c) => {
  const { actor } = c.var;
  const { bought } = await findOffer(c, { kind: "plan", code: c.req.valid("json").planCode });
  const plan = asPlan(bought);
  const request = { by: decisionBy(actor), plan };
  await decideSubscription(c, {
    shopId: actor.shopId,
    asked: { name: "scheduleDowngrade", request },
    isRecorded: async () => (await readRow(c)).scheduled_plan_code === plan.planCode,
  });
  return c.json(toSubscription(await readRow(c)), 200);
});

const cancelRoute = createRoute(
  idempotent(
    scoped("subscription.write", {
      operationId: "cancelDowngrade",
      method: "post",
      path: "/v1/subscription/cancel-downgrade",
      tags: ["Subscription"],
      description: "The plan stays what it is, unless somebody has paid for the other one already.",
      responses: answers,
    }),
    async (c) => toSubscription(await readRow(c)),
  ),
);

downgradeRoutes.openapi(cancelRoute, async (c) => {
  const { actor } = c.var;
  await decideSubscription(c, {
    shopId: actor.shopId,
    asked: { name: "cancelDowngrade", request: { by: decisionBy(actor) } },
    isRecorded: async () => (await readRow(c)).scheduled_plan_code === null,
  });
  return c.json(toSubscription(await readRow(c)), 200);
});

function readRow(c: Context<ApiEnv>): Promise<SubscriptionRow> {
  const { deps, actor } = c.var;
  return deps.db.withShop(actor.shopId, (trx) => getSubscription(trx, { shopId: actor.shopId }));
}
