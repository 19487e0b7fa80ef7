import { createRoute, z } from "@hono/zod-openapi";

import { listShopPurposes, setShopPurpose } from "../../db/shop-purposes.ts";
import type { PurposeOfShop } from "../../db/shop-purposes.ts";
import { AppError } from "../../domain/app-error.ts";
import type { AccountId } from "../../domain/id.ts";
import type { LegalBasis } from "../../domain/privacy/data-purpose.ts";
import { basesFor, shopPurposes } from "../../domain/privacy/shop-purpose.ts";
import type { ShopPurpose } from "../../domain/privacy/shop-purpose.ts";
import type { Actor } from "../auth/actor.ts";
import { scoped } from "../route.ts";
import { createRouter } from "../router.ts";
import { audit } from "./audit.ts";
import { TimeSchema } from "./fields.schema.ts";
import { jsonAnswer, jsonBody } from "./route-parts.ts";

export const shopPurposeRoutes = createRouter();

const tags = ["Shop"];
const BasisSchema = z.enum(["contract", "legal_obligation", "legitimate_interest", "consent"]).nullable();

const PurposesSchema = z
  .object({
    data: z.array(
      z.object({
        purpose: z.enum(shopPurposes),
        basis: BasisSchema.openapi({ description: "Null: none, and the processing is refused." }),
        setAt: TimeSchema.nullable(),
      }),
    ),
  })
  .openapi("ShopPurposes");

const listRoute = createRoute(
  scoped("shop.read", {
    operationId: "listShopPurposes",
    method: "get",
    path: "/v1/shop/purposes",
    tags,
    description: "For what the shop uses its customers' data, and on which legal basis.",
    responses: { 200: jsonAnswer("All purposes", PurposesSchema) },
  }),
);

shopPurposeRoutes.openapi(listRoute, async (c) => {
  const { shopId } = c.var.actor;
  const rows = await c.var.deps.db.withShop(shopId, (trx) => listShopPurposes(trx, { shopId }));
  return c.json({ data: rows.map(present) }, 200);
});

const setRoute = createRoute(
  scoped("shop.write", {
    operationId: "setShopPurpose",
    method: "put",
    path: "/v1/shop/purposes",
    tags,
    description:
      "By an owner, never by an API key. Without a basis the processing is refused from the next decision on: " +
      "`conversation`: no model answers, people of the shop do; `order`, `payment`: no new order is placed; " +
      "`follow_up`, `marketing`: nothing of it is sent.",
    request: {
      body: jsonBody(
        z.strictObject({ purpose: z.enum(shopPurposes), basis: BasisSchema }).openapi("SetShopPurpose"),
      ),
    },
    responses: { 200: jsonAnswer("All purposes", PurposesSchema) },
  }),
);

shopPurposeRoutes.openapi(setRoute, async (c) => {
  const { deps, actor } = c.var;
  const { shopId } = actor;
  const by = ownerOf(actor);
  const { purpose, basis } = c.req.valid("json");
  demandFit(purpose, basis);
  const now = deps.clock.now();
  const rows = await deps.db.withShop(shopId, async (trx) => {
    await setShopPurpose(trx, { shopId, purpose, basis, by, now });
    await audit(trx, c, { action: "purpose.set", data: { purpose, basis } });
    return listShopPurposes(trx, { shopId });
  });
  return c.json({ data: rows.map(present) }, 200);
});

function ownerOf({ accountId, role }: Actor): AccountId {
  if (role === "owner" && accountId !== null) return accountId;
  throw new AppError("forbidden", "purpose.needs_owner", {
    internal: `${role} sets no basis for the shop`,
    public: "Only an owner of the shop sets this.",
  });
}

function demandFit(purpose: ShopPurpose, basis: LegalBasis | null): void {
  const bases = basesFor(purpose);
  if (basis === null || bases.includes(basis)) return;
  throw new AppError("invalid", "purpose.unfit_basis", {
    internal: `${purpose} on ${basis}`,
    public: `This purpose may rest on: ${bases.join(", ")}.`,
  });
}

function present({ purpose, basis, setAt }: PurposeOfShop) {
  return { purpose, basis, setAt: setAt?.toISOString() ?? null };
}
