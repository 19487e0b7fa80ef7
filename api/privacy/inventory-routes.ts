import { createRoute, z } from "@hono/zod-openapi";

import type { ApiRouter } from "../router.ts";
import { jsonAnswer } from "../v1/route-parts.ts";
import { listPurposes, processKindNames, readDataInventory } from "./data-inventory.ts";

const names = z.array(z.string());
const store = z.object({
  name: z.string(),
  owners: names,
  purposes: names,
  class: z.string(),
  holds: z.string(),
  protection: z.string(),
});

const DataInventorySchema = z
  .object({
    tables: z.array(
      z.object({
        name: z.string(),
        owners: z
          .array(z.object({ kind: z.string(), foundBy: z.string() }))
          .openapi({ description: "Whose data it is, and by which column they are found; empty: nobody's" }),
        purposes: names,
        class: z.string(),
        columns: z.array(
          z.object({
            name: z.string(),
            class: z.string(),
            sensitivity: z.enum(["sealed", "blind_index", "pseudonymous_id", "credential", "plain"]),
            why: z.string().nullable().openapi({ description: "Why nothing of a person is in a plain one" }),
          }),
        ),
      }),
    ),
    objects: z.array(store),
    stores: z.array(store),
    logFields: names,
    workflows: z.array(z.object({ name: z.string(), purposes: names })),
    classes: z.array(
      z.object({
        name: z.string(),
        starts: z.string(),
        defaultDays: z.number().nullable(),
        bounds: z.object({ minDays: z.number(), maxDays: z.number() }).nullable(),
        afterErasure: z.string(),
      }),
    ),
  })
  .openapi("DataInventory");

const DataPurposeListSchema = z
  .object({
    data: z.array(
      z.object({
        purpose: z.string(),
        meaning: z.string(),
        basis: z.string(),
        isBasisSetByOwner: z.boolean(),
        tables: names,
        processes: z.array(z.object({ kind: z.enum(processKindNames), name: z.string() })),
      }),
    ),
  })
  .openapi("DataPurposeList");

const inventoryRoute = createRoute({
  method: "get",
  path: "/v1/data-inventory",
  operationId: "getDataInventory",
  summary: "What is kept, whose it is, for what, how long and how",
  tags: ["Privacy"],
  security: [],
  responses: { 200: jsonAnswer("The inventory of this version", DataInventorySchema) },
});

const purposesRoute = createRoute({
  method: "get",
  path: "/v1/data-purposes",
  operationId: "listDataPurposes",
  summary: "For what personal data is used, and what serves each purpose",
  tags: ["Privacy"],
  security: [],
  responses: { 200: jsonAnswer("The closed list", DataPurposeListSchema) },
});

/** What anybody may know. These stand before `authenticate`. */
export function mountDataInventory(app: ApiRouter): void {
  app.openapi(inventoryRoute, (c) => c.json(readDataInventory(), 200));
  app.openapi(purposesRoute, (c) => c.json({ data: listPurposes() }, 200));
}
