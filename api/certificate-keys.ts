import { createRoute, z } from "@hono/zod-openapi";

import { listCertificateKeys } from "../db/certificates.ts";
import type { ApiRouter } from "./router.ts";
import { jsonAnswer } from "./v1/route-parts.ts";

const KeyListSchema = z
  .object({
    data: z.array(
      z.object({
        id: z.string(),
        algorithm: z.literal("Ed25519"),
        publicKey: z.base64().openapi({ description: "DER, SubjectPublicKeyInfo." }),
        createdAt: z.iso.datetime(),
      }),
    ),
  })
  .openapi("CertificateKeyList");

const listRoute = createRoute({
  method: "get",
  path: "/v1/certificate-keys",
  operationId: "listCertificateKeys",
  summary: "The public keys by which a certificate of deletion is verified",
  tags: ["Privacy"],
  security: [],
  responses: { 200: jsonAnswer("All keys that have signed one", KeyListSchema) },
});

/** Whoever has a certificate may check it, with an account or without. */
export function mountCertificateKeys(app: ApiRouter): void {
  app.openapi(listRoute, async (c) => {
    const keys = await c.var.deps.db.withoutShop((trx) => listCertificateKeys(trx));
    const data = keys.map(({ id, public_key: publicKey, created_at: createdAt }) => ({
      id,
      algorithm: "Ed25519" as const,
      publicKey: publicKey.toString("base64"),
      createdAt: createdAt.toISOString(),
    }));
    return c.json({ data }, 200);
  });
}
