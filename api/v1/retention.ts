import { createRoute } from "@hono/zod-openapi";

import { forecastShop } from "../../db/system-retention-forecast.ts";
import { scoped } from "../route.ts";
import { createRouter } from "../router.ts";
import { ForecastSchema, horizonsFrom, toForecast } from "./retention.schema.ts";
import { jsonAnswer } from "./route-parts.ts";

export const retentionRoutes = createRouter();

const route = createRoute(
  scoped("shop.read", {
    operationId: "getRetentionForecast",
    method: "get",
    path: "/v1/retention/forecast",
    tags: ["Retention"],
    description:
      "How much of the shop's data will be removed now, within 7, 30 and 90 days, under which rule, if nothing more happens to it. Holds are respected.",
    responses: { 200: jsonAnswer("The forecast", ForecastSchema) },
  }),
);

retentionRoutes.openapi(route, async (c) => {
  const { deps, actor } = c.var;
  const now = deps.clock.now();
  const rules = await forecastShop(deps.system, { shopId: actor.shopId, by: horizonsFrom(now) });
  return c.json(toForecast(rules, now), 200);
});
