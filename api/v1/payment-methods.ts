import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";

import {
  findPaymentMethod,
  insertPaymentMethod,
  listPaymentMethods,
  paymentDetailsPlace,
  updatePaymentMethod,
} from "../../db/payment-methods.ts";
import type { PaymentDetails, PaymentMethodRow } from "../../db/payment-methods.ts";
import type { ShopTransaction } from "../../db/connection.ts";
import { merchantPlace } from "../../db/gateway-payments.ts";
import { getShop } from "../../db/shops.ts";
import { AppError } from "../../domain/app-error.ts";
import { newId } from "../../domain/id.ts";
import type { PaymentMethodId, ShopId } from "../../domain/id.ts";
import type { MerchantAccount } from "../../domain/ports/payment-gateway.ts";
import type { Sealed } from "../../domain/sealing.ts";
import type { Actor } from "../auth/actor.ts";
import { steppedUp } from "../auth/step-up.ts";
import type { ApiDeps } from "../deps.ts";
import type { ApiEnv } from "../env.ts";
import { problems } from "../problem.ts";
import { scoped } from "../route.ts";
import { createRouter } from "../router.ts";
import { audit } from "./audit.ts";
import { IfMatchHeaders, etagHeader, readIfMatch, setEtag, unlessChanged } from "./etag.ts";
import { found, pathId, pathParams } from "./fields.schema.ts";
import { given } from "./given.ts";
import { listQuery, readIdCursor, toPage } from "./list.ts";
import {
  CreatePaymentMethodBody,
  PaymentMethodPageSchema,
  PaymentMethodSchema,
  UpdatePaymentMethodBody,
  toPaymentMethod,
} from "./payment-methods.schema.ts";
import { pictureLink } from "./picture-links.ts";
import { jsonAnswer, jsonBody, pictureBody } from "./route-parts.ts";
import { readPicture, storePicture } from "./store-picture.ts";

export const paymentMethodRoutes = createRouter();

const listRoute = createRoute(
  scoped("payments.read", {
    operationId: "listPaymentMethods",
    method: "get",
    path: "/v1/payment-methods",
    tags: ["Payment methods"],
    request: { query: z.strictObject(listQuery) },
    responses: { 200: jsonAnswer("The payment methods, oldest first", PaymentMethodPageSchema) },
  }),
);

paymentMethodRoutes.openapi(listRoute, async (c) => {
  const { deps, actor } = c.var;
  const { limit, cursor } = c.req.valid("query");
  const { before: after } = readIdCursor<PaymentMethodId>(cursor);
  const filter = { shopId: actor.shopId, limit: limit + 1, ...given({ after }) };
  const rows = await deps.db.withShop(actor.shopId, (trx) => listPaymentMethods(trx, filter));
  const page = toPage(rows, limit, ({ id }) => id);
  return c.json({ ...page, data: await present(deps, actor, page.data) }, 200);
});

const createRouteOfMethod = createRoute(
  steppedUp(
    scoped("shop.write", {
      operationId: "createPaymentMethod",
      method: "post",
      path: "/v1/payment-methods",
      tags: ["Payment methods"],
      request: { body: jsonBody(CreatePaymentMethodBody) },
      responses: { 201: jsonAnswer("The payment method", PaymentMethodSchema, etagHeader) },
    }),
  ),
);

paymentMethodRoutes.openapi(createRouteOfMethod, async (c) => {
  const { deps, actor } = c.var;
  const { details: plain, gateway: account, ...body } = c.req.valid("json");
  const { shopId } = actor;
  const paymentMethodId = newId<PaymentMethodId>();
  const details = plain === undefined ? null : await sealDetails(deps, { shopId, paymentMethodId }, plain);
  const gateway = account && {
    provider: account.provider,
    merchant: await sealMerchant(deps, { shopId, paymentMethodId }, account),
  };
  const now = deps.clock.now();
  const row = await deps.db.withShop(shopId, async (trx) => {
    if (gateway) await demandKyats(trx, shopId);
    const row = await insertPaymentMethod(trx, { shopId, paymentMethodId, ...body, details, gateway, now });
    await audit(trx, c, { action: "payment_method.created", resourceId: paymentMethodId });
    return row;
  });
  return c.json(await presentOne(c, row), 201);
});

const updateRoute = createRoute(
  steppedUp(
    scoped("shop.write", {
      operationId: "updatePaymentMethod",
      method: "patch",
      path: "/v1/payment-methods/{paymentMethodId}",
      tags: ["Payment methods"],
      request: {
        params: pathParams("paymentMethodId", "pm"),
        headers: IfMatchHeaders,
        body: jsonBody(UpdatePaymentMethodBody),
      },
      responses: {
        200: jsonAnswer("The payment method as it is now", PaymentMethodSchema, etagHeader),
        ...problems(404, 409, 412),
      },
    }),
  ),
);

paymentMethodRoutes.openapi(updateRoute, async (c) => {
  const { deps, actor } = c.var;
  const { shopId } = actor;
  const ref = refOf(actor, c.req.valid("param"));
  const ifVersion = readIfMatch(c.req.valid("header")["if-match"]);
  const body = c.req.valid("json");
  const details = body.details === undefined ? undefined : await sealDetails(deps, ref, body.details);
  const merchant = body.gateway === undefined ? undefined : await sealMerchant(deps, ref, body.gateway);
  const known = body.gateway === undefined ? null : await readMerchant(deps, ref);
  const row = await deps.db.withShop(shopId, async (trx) => {
    const before = found(await findPaymentMethod(trx, ref), "pm");
    if (before.kind !== "transfer" && details !== undefined) throw noAccount("/details");
    if (merchant !== undefined && before.provider !== body.gateway?.provider) throw noAccount("/gateway");
    if (body.gateway !== undefined && !isSameAccount(known, body.gateway)) throw otherAccount();
    const { name, isEnabled, isVisibleToCustomer } = body;
    const changes = given({ name, isEnabled, isVisibleToCustomer, details, merchant });
    const row = unlessChanged(await updatePaymentMethod(trx, { ...ref, ifVersion, changes }));
    const data = { fields: Object.keys(body).join(" ") };
    await audit(trx, c, { action: "payment_method.updated", resourceId: ref.paymentMethodId, data });
    return row;
  });
  return c.json(await presentOne(c, row), 200);
});

const qrRoute = createRoute(
  steppedUp(
    scoped("shop.write", {
      operationId: "setPaymentMethodQr",
      method: "put",
      path: "/v1/payment-methods/{paymentMethodId}/qr",
      tags: ["Payment methods"],
      description: "The QR code that a wallet scans: a picture as form field `image` or as the body itself.",
      request: { params: pathParams("paymentMethodId", "pm"), headers: IfMatchHeaders, body: pictureBody },
      responses: {
        200: jsonAnswer("The payment method with its QR code", PaymentMethodSchema, etagHeader),
        ...problems(404, 412, 413, 415),
      },
    }),
  ),
);

paymentMethodRoutes.openapi(qrRoute, async (c) => {
  const { deps, actor } = c.var;
  const { shopId } = actor;
  const ref = refOf(actor, c.req.valid("param"));
  const ifVersion = readIfMatch(c.req.valid("header")["if-match"]);
  found(await deps.db.withShop(shopId, (trx) => findPaymentMethod(trx, ref)), "pm");
  const row = await storePicture(c, await readPicture(c), "payment_qr", async (trx, qrObjectId) => {
    const row = unlessChanged(await updatePaymentMethod(trx, { ...ref, ifVersion, changes: { qrObjectId } }));
    await audit(trx, c, { action: "payment_method.qr_set", resourceId: ref.paymentMethodId });
    return row;
  });
  return c.json(await presentOne(c, row), 200);
});

type MethodRef = { shopId: ShopId; paymentMethodId: PaymentMethodId };

function refOf({ shopId }: Actor, { paymentMethodId }: { paymentMethodId: string }): MethodRef {
  return { shopId, paymentMethodId: pathId<PaymentMethodId>("pm", paymentMethodId) };
}

async function sealDetails(
  { sealer }: Pick<ApiDeps, "sealer">,
  { shopId, paymentMethodId }: MethodRef,
  details: PaymentDetails,
): Promise<Sealed> {
  const place = paymentDetailsPlace(shopId, paymentMethodId);
  const [sealed] = await sealer.seal([{ place, plaintext: JSON.stringify(details) }]);
  if (sealed === undefined) throw new TypeError("nothing was sealed");
  return sealed;
}

async function sealMerchant(
  { sealer }: Pick<ApiDeps, "sealer">,
  { shopId, paymentMethodId }: MethodRef,
  { appId, merchantCode, merchantKey }: MerchantAccount,
): Promise<Sealed> {
  const place = merchantPlace(shopId, paymentMethodId);
  const plaintext = JSON.stringify({ appId, merchantCode, merchantKey });
  const [sealed] = await sealer.seal([{ place, plaintext }]);
  if (sealed === undefined) throw new TypeError("nothing was sealed");
  return sealed;
}

async function readMerchant(
  { db, sealer }: Pick<ApiDeps, "db" | "sealer">,
  ref: MethodRef,
): Promise<MerchantAccount | null> {
  const row = found(await db.withShop(ref.shopId, (trx) => findPaymentMethod(trx, ref)), "pm");
  if (row.merchant === null) return null;
  const place = merchantPlace(ref.shopId, ref.paymentMethodId);
  const [opened] = await sealer.open([{ place, sealed: row.merchant }]);
  return decode<MerchantAccount>(opened);
}

function isSameAccount(known: MerchantAccount | null, { appId, merchantCode }: MerchantAccount): boolean {
  return known === null || (known.appId === appId && known.merchantCode === merchantCode);
}

/** What customers pay with the codes of the old one would be asked after at the new one. */
function otherAccount(): AppError {
  return new AppError("conflict", "payment_method.other_account", {
    internal: "another merchant account for a method",
    public: "Another account is another payment method: make a new one, and switch this one off.",
  });
}

/** The only provider there is takes no other money. */
async function demandKyats(trx: ShopTransaction, shopId: ShopId): Promise<void> {
  if ((await getShop(trx, { shopId })).currency === "MMK") return;
  throw new AppError("invalid", "payment_method.currency", {
    internal: "a gateway for another currency",
    public: "This provider takes payments in MMK only.",
    errors: [{ pointer: "/gateway/provider", message: "Takes MMK only" }],
  });
}

/** The answer about one method, with the version that its body shows. */
async function presentOne(c: Context<ApiEnv>, row: PaymentMethodRow) {
  const { deps, actor } = c.var;
  const [method] = await present(deps, actor, [row]);
  if (method === undefined) throw new TypeError("one row makes one method");
  setEtag(c, row.version);
  return method;
}

async function present(deps: ApiDeps, actor: Actor, rows: readonly PaymentMethodRow[]) {
  const sealed = rows.flatMap(({ id, details }) =>
    details === null ? [] : [{ id, place: paymentDetailsPlace(actor.shopId, id), sealed: details }],
  );
  const merchants = rows.flatMap(({ id, merchant }) =>
    merchant === null ? [] : [{ id, place: merchantPlace(actor.shopId, id), sealed: merchant }],
  );
  const all = [...sealed, ...merchants];
  const opened = await deps.sealer.open(all);
  const openedOf = new Map(all.map(({ id }, index) => [id, opened[index]]));
  return Promise.all(
    rows.map(async (row) => {
      const qr = row.qr_object_id === null ? null : await pictureLink(deps, actor, row.qr_object_id);
      const plaintext = openedOf.get(row.id);
      const account =
        row.kind === "gateway"
          ? { details: null, merchant: decode<MerchantAccount>(plaintext) }
          : { details: decode<PaymentDetails>(plaintext), merchant: null };
      return toPaymentMethod(row, account, qr);
    }),
  );
}

/** Our own JSON, sealed by `sealDetails` or `sealMerchant`; a method has one of them at most. */
function decode<T>(plaintext: Buffer | undefined): T | null {
  return plaintext === undefined ? null : (JSON.parse(plaintext.toString("utf8")) as T);
}

function noAccount(pointer: "/details" | "/gateway"): AppError {
  return new AppError("invalid", "payment_method.no_account", {
    internal: "an account of another kind of method",
    public: "This kind of method has no such account.",
    errors: [{ pointer, message: "Must be left out" }],
  });
}
