import { createRoute } from "@hono/zod-openapi";
import type { Context } from "hono";

import {
  billingDetailsPlace,
  billingSubject,
  findBillingDetails,
  insertBillingDetails,
} from "../../db/billing-details.ts";
import { newId } from "../../domain/id.ts";
import type { BillingDetailsId } from "../../domain/id.ts";
import type { BillingDetails } from "../../domain/invoice/invoice.ts";
import { startOverWhenEpochCloses } from "../../domain/start-over.ts";
import type { ApiEnv } from "../env.ts";
import { scoped } from "../route.ts";
import { createRouter } from "../router.ts";
import { audit } from "./audit.ts";
import { BillingDetailsSchema, PutBillingDetailsBody } from "./invoices.schema.ts";
import { openBillingDetails } from "./open-billing-details.ts";
import { jsonAnswer, jsonBody } from "./route-parts.ts";

export const billingDetailsRoutes = createRouter();

const getRoute = createRoute(
  scoped("subscription.read", {
    operationId: "getBillingDetails",
    method: "get",
    path: "/v1/billing-details",
    tags: ["Subscription"],
    responses: { 200: jsonAnswer("To whom the next invoice is made out", BillingDetailsSchema) },
  }),
);

billingDetailsRoutes.openapi(getRoute, async (c) => {
  const { deps, actor } = c.var;
  const row = await deps.db.withShop(actor.shopId, (trx) => findBillingDetails(trx, actor.shopId));
  return c.json(await openBillingDetails(c, row), 200);
});

const putRoute = createRoute(
  scoped("subscription.write", {
    operationId: "putBillingDetails",
    method: "put",
    path: "/v1/billing-details",
    tags: ["Subscription"],
    description: "Kept sealed. For invoices from now on: what was issued stays as it is.",
    request: { body: jsonBody(PutBillingDetailsBody) },
    responses: { 200: jsonAnswer("To whom the next invoice is made out", BillingDetailsSchema) },
  }),
);

billingDetailsRoutes.openapi(putRoute, async (c) => {
  const details = c.req.valid("json");
  await startOverWhenEpochCloses(() => keep(c, details));
  return c.json(details, 200);
});

async function keep(c: Context<ApiEnv>, given: BillingDetails): Promise<void> {
  const { deps, actor } = c.var;
  const { shopId } = actor;
  const id = newId<BillingDetailsId>();
  const subjectId = billingSubject(id);
  const isGiven = given.name !== null || given.address !== null;
  const keys = isGiven ? await deps.sealer.makeKeys([{ shopId, subjectId, kind: "billing" }]) : [];
  const toSeal = isGiven
    ? [{ place: billingDetailsPlace({ shopId, id }), plaintext: JSON.stringify(given) }]
    : [];
  try {
    const [details = null] = await deps.sealer.seal(toSeal);
    await deps.db.withShop(shopId, async (trx) => {
      await insertBillingDetails(trx, { shopId, id, details, keys, now: deps.clock.now() });
      await audit(trx, c, { action: "billing_details.changed", resourceId: id, data: { isGiven } });
    });
  } catch (error) {
    deps.sealer.forget(subjectId);
    throw error;
  }
}
