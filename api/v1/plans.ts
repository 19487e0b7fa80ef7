import { createRoute, z } from "@hono/zod-openapi";

import { listOfferedPlans } from "../../db/plans.ts";
import { getSubscription } from "../../db/subscriptions.ts";
import { listOfferedTopUps } from "../../db/top-ups.ts";
import { scoped } from "../route.ts";
import { createRouter } from "../router.ts";
import { jsonAnswer } from "./route-parts.ts";
import {
  PlanSchema,
  SubscriptionSchema,
  TopUpSchema,
  toPlan,
  toSubscription,
  toTopUp,
} from "./upgrade.schema.ts";

export const planRoutes = createRouter();

const listRoute = createRoute(
  scoped("subscription.read", {
    operationId: "listPlans",
    method: "get",
    path: "/v1/plans",
    tags: ["Subscription"],
    responses: {
      200: jsonAnswer(
        "The plans that are offered now",
        z.object({ data: z.array(PlanSchema) }).openapi("PlanList"),
      ),
    },
  }),
);

planRoutes.openapi(listRoute, async (c) => {
  const plans = await c.var.deps.db.withoutShop((trx) => listOfferedPlans(trx));
  return c.json({ data: plans.map(toPlan) }, 200);
});

const listTopUpsRoute = createRoute(
  scoped("subscription.read", {
    operationId: "listTopUps",
    method: "get",
    path: "/v1/top-ups",
    tags: ["Subscription"],
    responses: {
      200: jsonAnswer(
        "The packages of credits that are offered now",
        z.object({ data: z.array(TopUpSchema) }).openapi("TopUpList"),
      ),
    },
  }),
);

planRoutes.openapi(listTopUpsRoute, async (c) => {
  const topUps = await c.var.deps.db.withoutShop((trx) => listOfferedTopUps(trx));
  return c.json({ data: topUps.map(toTopUp) }, 200);
});

const getRoute = createRoute(
  scoped("subscription.read", {
    operationId: "getSubscription",
    method: "get",
    path: "/v1/subscription",
    tags: ["Subscription"],
    responses: { 200: jsonAnswer("What the shop has, and until when", SubscriptionSchema) },
  }),
);

planRoutes.openapi(getRoute, async (c) => {
  const { deps, actor } = c.var;
  const { shopId } = actor;
  const row = await deps.db.withShop(shopId, (trx) => getSubscription(trx, { shopId }));
  return c.json(toSubscription(row), 200);
});
