import { createRoute, z } from "@hono/zod-openapi";

import { problems } from "../problem.ts";
import type { ApiRouter } from "../router.ts";
import { lineOf } from "../v1/fields.schema.ts";
import { jsonAnswer, jsonBody } from "../v1/route-parts.ts";
import { findProfile, writeProfile } from "./profile.ts";
import { ofAccount } from "./require-session.ts";
import { steppedUp } from "./step-up.ts";

const tags = ["account"];

/** Without `@`: an address is told from a username by it. */
const username = z
  .string()
  .trim()
  .regex(/^[a-zA-Z0-9][a-zA-Z0-9._-]{2,39}$/, "Must be 3 to 40 letters, digits, dots, dashes or underscores");

const ProfileSchema = z
  .object({ username: z.string().nullable(), name: z.string().nullable(), phone: z.string().nullable() })
  .openapi("Profile");

const UpdateProfileBody = z
  .strictObject({
    username: username.nullable(),
    name: lineOf(100).nullable(),
    phone: z
      .string()
      .trim()
      .regex(/^\+[1-9]\d{6,14}$/, "Must be like +959…")
      .nullable(),
  })
  .openapi("UpdateProfile");

const getRoute = createRoute(
  ofAccount({
    method: "get",
    path: "/v1/profile",
    operationId: "getProfile",
    tags,
    responses: { 200: jsonAnswer("How the account is called", ProfileSchema) },
  }),
);

const updateRoute = createRoute(
  steppedUp(
    ofAccount({
      method: "put",
      path: "/v1/profile",
      operationId: "updateProfile",
      description: "The username signs in like the address. Null takes a field away.",
      tags,
      request: { body: jsonBody(UpdateProfileBody) },
      responses: { 200: jsonAnswer("As it is now", ProfileSchema), ...problems(409) },
    }),
  ),
);

export function mountProfile(app: ApiRouter): void {
  app.openapi(getRoute, async (c) => c.json(await findProfile(c.var.deps, c.var.session.accountId), 200));

  app.openapi(updateRoute, async (c) => {
    const profile = c.req.valid("json");
    await writeProfile(c.var.deps, c.var.session.accountId, profile);
    return c.json(profile, 200);
  });
}
