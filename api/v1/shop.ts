import { createRoute } from "@hono/zod-openapi";

import { findShop, updateShop } from "../../db/shops.ts";
import type { Shop, ShopChange } from "../../db/shops.ts";
import { AppError } from "../../domain/app-error.ts";
import { problems } from "../problem.ts";
import { scoped } from "../route.ts";
import { createRouter } from "../router.ts";
import { audit } from "./audit.ts";
import { IfMatchHeaders, etagHeader, readIfMatch, setEtag, unlessChanged } from "./etag.ts";
import { found } from "./fields.schema.ts";
import { given } from "./given.ts";
import { jsonAnswer, jsonBody } from "./route-parts.ts";
import { ShopSchema, UpdateShopBody, changedPolicies, toShop } from "./shop.schema.ts";
import type { UpdateShop } from "./shop.schema.ts";

export const shopRoutes = createRouter();

const getRoute = createRoute(
  scoped("shop.read", {
    operationId: "getShop",
    method: "get",
    path: "/v1/shop",
    tags: ["Shop"],
    responses: { 200: jsonAnswer("The shop that the session or key acts for", ShopSchema, etagHeader) },
  }),
);

shopRoutes.openapi(getRoute, async (c) => {
  const { deps, actor } = c.var;
  const { shopId } = actor;
  const shop = found(await deps.db.withShop(shopId, (trx) => findShop(trx, shopId)), "shop");
  setEtag(c, shop.version);
  return c.json(toShop(shop), 200);
});

const updateRoute = createRoute(
  scoped("shop.write", {
    operationId: "updateShop",
    method: "patch",
    path: "/v1/shop",
    tags: ["Shop"],
    description: "Orders that were placed keep their fee and their deadlines.",
    request: { headers: IfMatchHeaders, body: jsonBody(UpdateShopBody) },
    responses: { 200: jsonAnswer("The shop as it is now", ShopSchema, etagHeader), ...problems(412) },
  }),
);

shopRoutes.openapi(updateRoute, async (c) => {
  const { deps, actor } = c.var;
  const { shopId } = actor;
  const ifVersion = readIfMatch(c.req.valid("header")["if-match"]);
  const body = c.req.valid("json");
  const shop = await deps.db.withShop(shopId, async (trx) => {
    const before = found(await findShop(trx, shopId), "shop");
    const change = changeOf(before, body);
    const now = deps.clock.now();
    unlessChanged(await updateShop(trx, { shopId, version: ifVersion ?? before.version, change, now }));
    await audit(trx, c, { action: "shop.updated", data: { fields: Object.keys(body).join(" ") } });
    const retention = body.policies?.retention;
    if (retention !== undefined)
      await audit(trx, c, { action: "shop.retention_changed", data: given(retention) });
    return found(await findShop(trx, shopId), "shop");
  });
  setEtag(c, shop.version);
  return c.json(toShop(shop), 200);
});

function changeOf(
  shop: Shop,
  { name, languages, agentName, isAgentEnabled, policies }: UpdateShop,
): ShopChange {
  const foreign = policies?.zones?.findIndex(({ fee }) => fee.currency !== shop.currency) ?? -1;
  if (foreign >= 0) throw wrongCurrency(shop, foreign);
  return {
    ...given({ name, languages, agentName, isAgentEnabled }),
    ...(policies === undefined ? {} : { policies: changedPolicies(shop.policies, policies) }),
  };
}

function wrongCurrency({ currency }: Shop, index: number): AppError {
  return new AppError("invalid", "shop.currency", {
    internal: `a fee is not in ${currency}`,
    public: `Fees of this shop are in ${currency}.`,
    errors: [{ pointer: `/policies/zones/${index}/fee/currency`, message: `Must be ${currency}` }],
  });
}
