import { createRoute, z } from "@hono/zod-openapi";

import { insertAttestations, listAttestations } from "../../db/shop-attestations.ts";
import type { Attestation } from "../../db/shop-attestations.ts";
import { attestationKinds } from "../../domain/account/policies.ts";
import { AppError } from "../../domain/app-error.ts";
import { toTypeId } from "../../domain/id.ts";
import type { AccountId } from "../../domain/id.ts";
import { AttestedSchema } from "../accounts/account.schema.ts";
import type { Actor } from "../auth/actor.ts";
import { scoped } from "../route.ts";
import { createRouter } from "../router.ts";
import { audit } from "./audit.ts";
import { TimeSchema, idText } from "./fields.schema.ts";
import { jsonAnswer, jsonBody } from "./route-parts.ts";

export const attestationRoutes = createRouter();

/** Two a year: a whole shop's life. */
const newest = 100;

const AttestationSchema = z.object({
  kind: z.enum(attestationKinds),
  version: z.string().openapi({ example: "2026-11" }),
  attestedAt: TimeSchema,
  accountId: idText("acc"),
});

const ListSchema = z.object({ data: z.array(AttestationSchema) }).openapi("Attestations");

const listRoute = createRoute(
  scoped("shop.read", {
    operationId: "listAttestations",
    method: "get",
    path: "/v1/shop/attestations",
    tags: ["Shop"],
    responses: { 200: jsonAnswer("What was stated for the shop, newest first", ListSchema) },
  }),
);

attestationRoutes.openapi(listRoute, async (c) => {
  const { shopId } = c.var.actor;
  const rows = await c.var.deps.db.withShop(shopId, (trx) =>
    listAttestations(trx, { shopId, limit: newest }),
  );
  return c.json({ data: rows.map(present) }, 200);
});

const attestRoute = createRoute(
  scoped("shop.write", {
    operationId: "attestShop",
    method: "post",
    path: "/v1/shop/attestations",
    tags: ["Shop"],
    description: "Stated when a shop is opened, and again each year; by an owner, never by an API key.",
    request: { body: jsonBody(z.strictObject({ attested: AttestedSchema }).openapi("AttestShop")) },
    responses: { 201: jsonAnswer("What was stated for the shop, newest first", ListSchema) },
  }),
);

attestationRoutes.openapi(attestRoute, async (c) => {
  const { deps, actor } = c.var;
  const { shopId } = actor;
  const accountId = ownerOf(actor);
  const { lawfulBasis, consumerLaw } = c.req.valid("json").attested;
  const versions = { lawful_basis: lawfulBasis, consumer_law: consumerLaw };
  const now = deps.clock.now();
  const rows = await deps.db.withShop(shopId, async (trx) => {
    await insertAttestations(trx, { shopId, accountId, versions, now });
    await audit(trx, c, { action: "shop.attested", data: versions });
    return listAttestations(trx, { shopId, limit: newest });
  });
  return c.json({ data: rows.map(present) }, 201);
});

function ownerOf({ accountId, role }: Actor): AccountId {
  if (role === "owner" && accountId !== null) return accountId;
  throw new AppError("forbidden", "attestation.needs_owner", {
    internal: `${role} states nothing for the shop`,
    public: "Only an owner of the shop states this.",
  });
}

function present({ kind, version, attestedAt, accountId }: Attestation) {
  return { kind, version, attestedAt: attestedAt.toISOString(), accountId: toTypeId("acc", accountId) };
}
