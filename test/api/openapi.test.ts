import { createRoute, z } from "@hono/zod-openapi";
import { afterAll, beforeAll, expect, test } from "vitest";

import type { ApiPart } from "../../api/app.ts";
import { idempotent } from "../../api/idempotency.ts";
import { scoped } from "../../api/route.ts";
import { createApiWorld } from "./api-world.ts";
import type { ApiWorld } from "./api-world.ts";

type Parameter = { name: string; in: string; required: boolean };
type Operation = {
  operationId?: string;
  security?: Record<string, unknown>[];
  parameters?: Parameter[];
  responses: Record<string, { content?: Record<string, unknown> }>;
};
type Document = {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: { securitySchemes: Record<string, unknown>; schemas: Record<string, unknown> };
};

const part: ApiPart = (app) => {
  const headers = z.object({ "if-match": z.string().optional() });
  const answer = { 200: { description: "Done", content: { "application/json": { schema: z.any() } } } };
  const route = { method: "post", path: "/v1/things", operationId: "doThing", request: { headers } } as const;
  const readAgain = () => Promise.resolve({});
  app.openapi(
    createRoute(idempotent(scoped("orders.write", { ...route, responses: answer }), readAgain)),
    (c) => c.json({}, 200),
  );
};

let world: ApiWorld;
let document: Document;
beforeAll(async () => {
  world = await createApiWorld([part]);
  document = (await (await world.api.app.request("/openapi.json")).json()) as Document;
});
afterAll(() => world.close());

test("the document is OpenAPI 3.1 with both ways to sign in and the problem", () => {
  expect(document.openapi).toBe("3.1.0");
  expect(document.components.securitySchemes).toMatchObject({
    sessionCookie: { type: "apiKey", in: "cookie", name: "session" },
    bearer: { type: "http", scheme: "bearer" },
  });
  expect(document.components.schemas).toHaveProperty("Problem");
});

test("signing in needs no session, and every operation has a name", () => {
  const operations = Object.values(document.paths).flatMap((path) => Object.values(path));
  expect(new Set(operations.map(({ operationId }) => operationId))).toEqual(
    new Set([
      "listProcessors",
      "createSession",
      "completeSignIn",
      "getCurrentSession",
      "endCurrentSession",
      "stepUpSession",
      "listSessions",
      "revokeOtherSessions",
      "revokeSession",
      "listAccountEvents",
      "getSecondFactor",
      "enrolSecondFactor",
      "confirmSecondFactor",
      "createRecoveryCodes",
      "removeSecondFactor",
      "getProfile",
      "updateProfile",
      "getNoticePreferences",
      "updateNoticePreferences",
      "acceptInvitation",
      "createAccount",
      "listMyAccessLog",
      "listPolicies",
      "getPolicy",
      "listPolicyVersions",
      "reportChildData",
      "verifyEmail",
      "resendEmailVerification",
      "requestEmailChange",
      "confirmEmailChange",
      "requestPasswordReset",
      "completePasswordReset",
      "changePassword",
      "listPolicyAcceptances",
      "acceptPolicies",
      "createAccountAppeal",
      "createTicket",
      "reportIncident",
      "getTicket",
      "getPolicy",
      "listPolicyVersions",
      "writeToTicket",
      "createShop",
      "listCertificateKeys",
      "getDataInventory",
      "listDataPurposes",
      "downloadPrivacyPackage",
      "getPrivacyPackageSchema",
      "doThing",
    ]),
  );
  expect(document.paths["/v1/sessions"]?.["post"]?.security).toEqual([]);
});

test("a marked route names its key beside its own headers, and the problems that it answers", () => {
  const operation = document.paths["/v1/things"]?.["post"];
  expect(operation?.parameters?.map(({ name, required }) => [name, required])).toEqual([
    ["if-match", false],
    ["idempotency-key", true],
  ]);
  expect(Object.keys(operation?.responses ?? {})).toEqual(["200", "400", "401", "403", "409", "422", "429"]);
  expect(operation?.responses["409"]?.content).toHaveProperty(["application/problem+json"]);
  expect(operation?.security).toEqual([{ sessionCookie: [] }, { bearer: [] }]);
});
