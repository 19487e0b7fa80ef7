import type { OpenAPIHono } from "@hono/zod-openapi";
import { createRoute, z } from "@hono/zod-openapi";
import type { ModelSim } from "../model/model-sim.ts";
import { jsonBody } from "./route-parts.ts";

const modeRoute = createRoute({
  method: "put",
  path: "/model/mode",
  operationId: "setModelMode",
  summary: "How the model behaves: demo, adversary, echo or slow",
  request: { body: jsonBody(z.object({ mode: z.enum(["demo", "adversary", "echo", "slow"]) })) },
  responses: { 204: { description: "Set" } },
});

const attacksRoute = createRoute({
  method: "get",
  path: "/model/attacks",
  operationId: "countModelAttacks",
  summary: "How often the adversary did what, by the attack's name",
  responses: {
    200: {
      description: "Counts since the start",
      content: { "application/json": { schema: z.record(z.string(), z.number()) } },
    },
  },
});

export function addModelRoutes(app: OpenAPIHono, model: ModelSim): void {
  app.openapi(attacksRoute, (c) => c.json(model.attacks(), 200));
  app.openapi(modeRoute, (c) => {
    model.setMode(c.req.valid("json").mode);
    return c.body(null, 204);
  });
}
