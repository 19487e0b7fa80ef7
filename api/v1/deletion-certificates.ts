import { createRoute, z } from "@hono/zod-openapi";

import { findCertificate, listCertificateKeys } from "../../db/certificates.ts";
import type { PrivacyRequestId } from "../../domain/id.ts";
import { demandActorAccepted } from "../auth/policies-in-force.ts";
import { problems } from "../problem.ts";
import { scoped } from "../route.ts";
import { createRouter } from "../router.ts";
import { found, pathId, pathParams } from "./fields.schema.ts";
import { jsonAnswer } from "./route-parts.ts";

export const deletionCertificateRoutes = createRouter();

const DeletionCertificateSchema = z
  .object({
    certificate: z.record(z.string(), z.unknown()).openapi({
      description: "What is signed, as canonical JSON: names sorted, no spaces. It holds no personal data.",
    }),
    signature: z.base64().openapi({ description: "Ed25519." }),
    keyId: z.string(),
    publicKey: z.base64().openapi({ description: "DER, SubjectPublicKeyInfo; see `listCertificateKeys`." }),
    isFinal: z.boolean().openapi({
      description:
        "The keys are gone from every medium and backup as well; until then a later revision comes.",
    }),
  })
  .openapi("DeletionCertificate");

const getRoute = createRoute(
  scoped("privacy.read", {
    operationId: "getDeletionCertificate",
    method: "get",
    path: "/v1/privacy-requests/{privacyRequestId}/certificate",
    tags: ["Privacy"],
    request: { params: pathParams("privacyRequestId", "pvr") },
    responses: { 200: jsonAnswer("Its newest revision", DeletionCertificateSchema), ...problems(404) },
  }),
);

deletionCertificateRoutes.openapi(getRoute, async (c) => {
  const { deps, actor } = c.var;
  const { shopId } = actor;
  await demandActorAccepted(c);
  const requestId = pathId<PrivacyRequestId>("pvr", c.req.param("privacyRequestId"));
  const { row, keys } = await deps.db.withShop(shopId, async (trx) => ({
    row: await findCertificate(trx, { shopId, requestId }),
    keys: await listCertificateKeys(trx),
  }));
  const { body, signature, key_id: keyId, is_final: isFinal } = found(row, "pvr");
  const publicKey = keys.find(({ id }) => id === keyId)?.public_key.toString("base64") ?? "";
  const certificate = JSON.parse(body) as Record<string, unknown>;
  return c.json({ certificate, signature: signature.toString("base64"), keyId, publicKey, isFinal }, 200);
});
