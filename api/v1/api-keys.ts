import { createRoute, z } from "@hono/zod-openapi";

import { insertApiKey, listApiKeys, revokeApiKey } from "../../db/api-keys.ts";
import type { ApiKey } from "../../db/api-keys.ts";
import { keyScopes } from "../../domain/account/scopes.ts";
import { newId } from "../../domain/id.ts";
import { steppedUp } from "../auth/step-up.ts";
import { newToken } from "../auth/token.ts";
import { problems } from "../problem.ts";
import { scoped } from "../route.ts";
import { createRouter } from "../router.ts";
import { audit } from "./audit.ts";
import { TimeSchema, lineOf, notFoundHere, timeOrNull } from "./fields.schema.ts";
import { listQuery, pageOf, readIdCursor, toPage, uuidPattern } from "./list.ts";
import { jsonAnswer, jsonBody } from "./route-parts.ts";

export const apiKeyRoutes = createRouter();

const tags = ["API keys"];
const day = 24 * 60 * 60_000;

const ScopesSchema = z
  .array(z.enum(keyScopes))
  .openapi({ description: "All that the key may do; never to make keys or members." });

const ApiKeySchema = z
  .object({
    id: z.string(),
    name: z.string(),
    scopes: ScopesSchema,
    createdAt: TimeSchema,
    lastUsedAt: TimeSchema.nullable().openapi({ description: "To within five minutes." }),
    expiresAt: TimeSchema.nullable(),
  })
  .openapi("ApiKey");

const NewApiKeySchema = ApiKeySchema.extend({
  token: z.string().openapi({ description: "For `Authorization: Bearer`; shown once." }),
}).openapi("NewApiKey");

const CreateApiKeyBody = z
  .strictObject({
    name: lineOf(100),
    scopes: z
      .array(z.enum(keyScopes))
      .min(1)
      .max(keyScopes.length)
      .refine((scopes) => new Set(scopes).size === scopes.length, "Must not name a scope twice")
      .openapi({ uniqueItems: true }),
    expiresInDays: z.int().min(1).max(365).default(90),
  })
  .openapi("CreateApiKey");

const listRoute = createRoute(
  scoped("apiKeys.read", {
    operationId: "listApiKeys",
    method: "get",
    path: "/v1/api-keys",
    tags,
    request: { query: z.strictObject(listQuery) },
    responses: {
      200: jsonAnswer("The living keys, newest first", pageOf(ApiKeySchema).openapi("ApiKeyPage")),
    },
  }),
);

apiKeyRoutes.openapi(listRoute, async (c) => {
  const { deps, actor } = c.var;
  const { limit, cursor } = c.req.valid("query");
  const { shopId } = actor;
  const filter = { shopId, now: deps.clock.now(), limit: limit + 1, ...readIdCursor<string>(cursor) };
  const rows = await deps.db.withShop(shopId, (trx) => listApiKeys(trx, filter));
  const page = toPage(rows, limit, ({ id }) => id);
  return c.json({ ...page, data: page.data.map(toApiKey) }, 200);
});

const createKeyRoute = createRoute(
  steppedUp(
    scoped("apiKeys.write", {
      operationId: "createApiKey",
      method: "post",
      path: "/v1/api-keys",
      tags,
      description: "Two keys live beside each other, so that a program changes to the new one without a gap.",
      request: { body: jsonBody(CreateApiKeyBody) },
      responses: { 201: jsonAnswer("The key, shown once", NewApiKeySchema) },
    }),
  ),
);

apiKeyRoutes.openapi(createKeyRoute, async (c) => {
  const { deps, actor } = c.var;
  const { shopId, accountId } = actor;
  const { name, scopes, expiresInDays } = c.req.valid("json");
  const { token, tokenHash } = newToken("apiKey");
  const now = deps.clock.now();
  const expiresAt = new Date(now.getTime() + expiresInDays * day);
  const id = newId<string>();
  await deps.db.withShop(shopId, async (trx) => {
    await insertApiKey(trx, { shopId, id, tokenHash, name, scopes, createdBy: accountId, expiresAt, now });
    await audit(trx, c, { action: "api_key.created", resourceId: id, data: { scopes: scopes.join(" ") } });
  });
  const key = { id, name, scopes, createdAt: now, lastUsedAt: null, expiresAt };
  return c.json({ ...toApiKey(key), token }, 201);
});

const revokeRoute = createRoute(
  steppedUp(
    scoped("apiKeys.write", {
      operationId: "revokeApiKey",
      method: "delete",
      path: "/v1/api-keys/{apiKeyId}",
      tags,
      request: { params: z.object({ apiKeyId: z.string() }) },
      responses: { 204: { description: "It is worth nothing any more" }, ...problems(404) },
    }),
  ),
);

apiKeyRoutes.openapi(revokeRoute, async (c) => {
  const { deps, actor } = c.var;
  const { shopId } = actor;
  const { apiKeyId: id } = c.req.valid("param");
  if (!uuidPattern.test(id)) throw notFoundHere("api key");
  await deps.db.withShop(shopId, async (trx) => {
    if (!(await revokeApiKey(trx, { shopId, id, now: deps.clock.now() }))) throw notFoundHere("api key");
    await audit(trx, c, { action: "api_key.revoked", resourceId: id });
  });
  return c.body(null, 204);
});

function toApiKey({ id, name, scopes, createdAt, lastUsedAt, expiresAt }: ApiKey) {
  return {
    id,
    name,
    scopes: keyScopes.filter((scope) => scopes === null || scopes.includes(scope)),
    createdAt: createdAt.toISOString(),
    lastUsedAt: timeOrNull(lastUsedAt),
    expiresAt: timeOrNull(expiresAt),
  };
}
