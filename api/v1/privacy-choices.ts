import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";

import { insertConsent, listConsents, listCurrentConsents } from "../../db/consents.ts";
import type { Consent } from "../../db/consents.ts";
import type { ShopTransaction } from "../../db/connection.ts";
import { lockConversation } from "../../db/conversations.ts";
import { isCustomer } from "../../db/customer-queries.ts";
import { findProcessingLimits } from "../../db/processing-limits.ts";
import type { CustomerId, ShopId } from "../../domain/id.ts";
import { consentChannels, consentPurposes } from "../../domain/privacy/consent.ts";
import { processingLimits } from "../../domain/privacy/processing-limit.ts";
import type { ApiEnv } from "../env.ts";
import { idempotent } from "../idempotency.ts";
import { problems } from "../problem.ts";
import { scoped } from "../route.ts";
import { createRouter } from "../router.ts";
import { audit } from "./audit.ts";
import { TimeSchema, notFound, pathId, pathParams } from "./fields.schema.ts";
import { listQuery, pageOf, readIdCursor, toPage } from "./list.ts";
import { jsonAnswer, jsonBody } from "./route-parts.ts";

export const privacyChoiceRoutes = createRouter();

const tags = ["Customers"];
const decision = z.enum(["given", "withdrawn"]);

const ConsentSchema = z
  .object({
    purpose: z.enum(consentPurposes),
    channel: z.enum(consentChannels),
    decision,
    wordingVersion: z.string().openapi({ example: "2026-11" }),
    wordingHash: z.string().openapi({ description: "SHA-256 of the wording in all its languages." }),
    door: z.enum(["chat", "owner", "request"]),
    decidedAt: TimeSchema,
  })
  .openapi("Consent", { description: "Never changed: what is said last counts." });

const ChoicesSchema = z
  .object({
    limits: z.array(z.enum(processingLimits)).openapi({
      description:
        "In force. `restricted`: all is stored, nothing used; `no_ai`: a person of the shop answers.",
    }),
    consents: z
      .array(ConsentSchema)
      .openapi({ description: "What was said last, of each purpose and channel." }),
  })
  .openapi("PrivacyChoices");

const getRoute = createRoute(
  scoped("customers.read", {
    operationId: "getPrivacyChoices",
    method: "get",
    path: "/v1/customers/{customerId}/privacy-choices",
    tags,
    description: "What the customer forbids and has agreed to.",
    request: { params: pathParams("customerId", "cus") },
    responses: { 200: jsonAnswer("What holds now", ChoicesSchema), ...problems(404) },
  }),
);

privacyChoiceRoutes.openapi(getRoute, async (c) => {
  const { deps, actor } = c.var;
  const ref = refOf(actor.shopId, c.req.valid("param").customerId);
  const choices = await deps.db.withShop(ref.shopId, async (trx) => {
    await demandCustomer(trx, ref);
    return readChoices(trx, ref);
  });
  return c.json(choices, 200);
});

const listRoute = createRoute(
  scoped("customers.read", {
    operationId: "listConsents",
    method: "get",
    path: "/v1/customers/{customerId}/consents",
    tags,
    request: { params: pathParams("customerId", "cus"), query: z.strictObject(listQuery) },
    responses: {
      200: jsonAnswer("All that was ever said, newest first", pageOf(ConsentSchema).openapi("ConsentPage")),
      ...problems(404),
    },
  }),
);

privacyChoiceRoutes.openapi(listRoute, async (c) => {
  const { deps, actor } = c.var;
  const { limit, cursor } = c.req.valid("query");
  const ref = refOf(actor.shopId, c.req.valid("param").customerId);
  const before = readIdCursor<string>(cursor);
  const rows = await deps.db.withShop(ref.shopId, async (trx) => {
    await demandCustomer(trx, ref);
    return listConsents(trx, { ...subjectOf(ref), limit: limit + 1, ...before });
  });
  const page = toPage(rows, limit, ({ id }) => id);
  return c.json({ ...page, data: page.data.map(present) }, 200);
});

const WithdrawSchema = z
  .strictObject({ purpose: z.enum(consentPurposes), channel: z.enum(consentChannels) })
  .openapi("WithdrawConsent");

/** What holds, to the customer in the path. */
async function readAgain(c: Context<ApiEnv>) {
  const ref = refOf(c.var.actor.shopId, c.req.param("customerId") ?? "");
  return c.var.deps.db.withShop(ref.shopId, (trx) => readChoices(trx, ref));
}

const withdrawRoute = createRoute(
  idempotent(
    scoped("conversations.write", {
      operationId: "withdrawConsent",
      method: "post",
      path: "/v1/customers/{customerId}/consents/withdraw",
      tags,
      description:
        "On the customer's behalf, who told the shop: what is queued is not sent any more. Nobody agrees for another.",
      request: { params: pathParams("customerId", "cus"), body: jsonBody(WithdrawSchema) },
      responses: { 200: jsonAnswer("What holds now", ChoicesSchema), ...problems(404) },
    }),
    readAgain,
  ),
);

/** Safe to run twice: what is withdrawn already is not withdrawn again. */
privacyChoiceRoutes.openapi(withdrawRoute, async (c) => {
  const { deps, actor } = c.var;
  const { purpose, channel } = c.req.valid("json");
  const ref = refOf(actor.shopId, c.req.valid("param").customerId);
  const now = deps.clock.now();
  const choices = await deps.db.withShop(ref.shopId, async (trx) => {
    await demandCustomer(trx, ref);
    await lockConversation(trx, ref);
    const current = await listCurrentConsents(trx, subjectOf(ref));
    const last = current.find((one) => one.purpose === purpose && one.channel === channel);
    if (last?.decision !== "withdrawn") {
      const said = { purpose, channel, decision: "withdrawn", door: "owner" } as const;
      await insertConsent(trx, { ...subjectOf(ref), ...said, now });
      const data = { purpose, channel };
      await audit(trx, c, { action: "consent.withdrawn", subjectId: ref.customerId, data });
    }
    return readChoices(trx, ref);
  });
  return c.json(choices, 200);
});

type Ref = { shopId: ShopId; customerId: CustomerId };

function refOf(shopId: ShopId, customerId: string): Ref {
  return { shopId, customerId: pathId<CustomerId>("cus", customerId) };
}

function subjectOf({ shopId, customerId: subjectId }: Ref) {
  return { shopId, subjectId };
}

async function demandCustomer(trx: ShopTransaction, ref: Ref): Promise<void> {
  if (!(await isCustomer(trx, ref))) throw notFound("cus");
}

async function readChoices(trx: ShopTransaction, ref: Ref): Promise<z.output<typeof ChoicesSchema>> {
  const limits = await findProcessingLimits(trx, subjectOf(ref));
  const consents = await listCurrentConsents(trx, subjectOf(ref));
  return { limits: processingLimits.filter((one) => limits.has(one)), consents: consents.map(present) };
}

function present({ id: _id, decidedAt, ...consent }: Consent) {
  return { ...consent, decidedAt: decidedAt.toISOString() };
}
