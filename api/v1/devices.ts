import { createRoute, z } from "@hono/zod-openapi";

import { registerDevice, removeDevice } from "../../db/devices.ts";
import { AppError } from "../../domain/app-error.ts";
import { newId } from "../../domain/id.ts";
import type { AccountId } from "../../domain/id.ts";
import { shopSubject } from "../../domain/shop/shop-subject.ts";
import type { Actor } from "../auth/actor.ts";
import { problems } from "../problem.ts";
import { scoped } from "../route.ts";
import { createRouter } from "../router.ts";
import { audit } from "./audit.ts";
import { TimeSchema } from "./fields.schema.ts";
import { uuidPattern } from "./list.ts";
import { jsonAnswer, jsonBody } from "./route-parts.ts";

export const deviceRoutes = createRouter();

const DeviceSchema = z.object({ id: z.string(), registeredAt: TimeSchema }).openapi("Device");

const RegisterDeviceBody = z
  .strictObject({
    token: z
      .string()
      .regex(/^[\x21-\x7e]{8,4096}$/, "Must be a registration token")
      .openapi({ description: "The FCM registration token of the device." }),
  })
  .openapi("RegisterDevice");

const registerRoute = createRoute(
  scoped("notices.read", {
    operationId: "registerDevice",
    method: "post",
    path: "/v1/devices",
    tags: ["Notices"],
    description: "Pushes of the shop go to this device from now on. A known token keeps its device.",
    request: { body: jsonBody(RegisterDeviceBody) },
    responses: { 201: jsonAnswer("The device", DeviceSchema) },
  }),
);

deviceRoutes.openapi(registerRoute, async (c) => {
  const { deps, actor } = c.var;
  const { shopId } = actor;
  const accountId = accountOf(actor);
  const { token: text } = c.req.valid("json");
  const id = newId<string>();
  const tokenIndex = await deps.blindIndexer.index(shopId, "device.token", text);
  const place = { shopId, subjectId: shopSubject(shopId), purpose: "secret", field: "device.token" } as const;
  const [token] = await deps.sealer.seal([{ place: { ...place, rowId: id }, plaintext: text }]);
  if (token === undefined) throw new TypeError("nothing was sealed");
  const now = deps.clock.now();
  const device = await deps.db.withShop(shopId, async (trx) => {
    const device = await registerDevice(trx, { shopId, deviceId: id, accountId, tokenIndex, token, now });
    await audit(trx, c, { action: "device.registered", resourceId: device.deviceId });
    return device;
  });
  return c.json({ id: device.deviceId, registeredAt: device.registeredAt.toISOString() }, 201);
});

const removeRoute = createRoute(
  scoped("notices.read", {
    operationId: "removeDevice",
    method: "delete",
    path: "/v1/devices/{deviceId}",
    tags: ["Notices"],
    request: { params: z.object({ deviceId: z.string() }) },
    responses: { 204: { description: "No more pushes go there" }, ...problems(404) },
  }),
);

deviceRoutes.openapi(removeRoute, async (c) => {
  const { deps, actor } = c.var;
  const { shopId } = actor;
  const { deviceId } = c.req.valid("param");
  const accountId = accountOf(actor);
  if (!uuidPattern.test(deviceId)) throw noDevice();
  await deps.db.withShop(shopId, async (trx) => {
    const wasThere = await removeDevice(trx, { shopId, deviceId, accountId, now: deps.clock.now() });
    if (!wasThere) throw noDevice();
    await audit(trx, c, { action: "device.removed", resourceId: deviceId });
  });
  return c.body(null, 204);
});

function accountOf({ accountId }: Actor): AccountId {
  if (accountId !== null) return accountId;
  throw new AppError("forbidden", "device.needs_account", {
    internal: "an API key has no phone",
    public: "Devices belong to people: sign in with an account.",
  });
}

function noDevice(): AppError {
  return new AppError("not_found", "not_found", {
    internal: "no such device of the account",
    public: "There is nothing under this id.",
  });
}
