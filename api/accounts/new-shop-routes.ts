import { createHash } from "node:crypto";
import { createRoute, z } from "@hono/zod-openapi";

import { findAccount, lockAccount } from "../../db/accounts.ts";
import { appendAudit } from "../../db/audit-events.ts";
import type { ShopTransaction } from "../../db/connection.ts";
import { claimIdempotencyKey, storeIdempotentResponse } from "../../db/idempotency-keys.ts";
import type { IdempotencyRef } from "../../db/idempotency-keys.ts";
import { openShop } from "../../db/open-shop.ts";
import { insertAttestations } from "../../db/shop-attestations.ts";
import { findShop } from "../../db/shops.ts";
import type { Shop } from "../../db/shops.ts";
import { listMemberships } from "../../db/system.ts";
import type { StoredSession } from "../../db/system.ts";
import type { AttestationKind } from "../../domain/account/policies.ts";
import { AppError } from "../../domain/app-error.ts";
import { newId } from "../../domain/id.ts";
import type { AccountId, ShopId } from "../../domain/id.ts";
import { emptyPolicies } from "../../domain/shop/policies.ts";
import { shopSubject } from "../../domain/shop/shop-subject.ts";
import { isTimeZone, shopCountries } from "../../domain/shop/places.ts";
import { startOverWhenEpochCloses } from "../../domain/start-over.ts";
import { ofAccount } from "../auth/require-session.ts";
import type { ApiDeps } from "../deps.ts";
import { refusalOf } from "../idempotency.ts";
import { problems } from "../problem.ts";
import type { ApiRouter } from "../router.ts";
import { stableUuid } from "../stable-uuid.ts";
import { CurrencySchema, found, lineOf } from "../v1/fields.schema.ts";
import { jsonAnswer, jsonBody } from "../v1/route-parts.ts";
import { ShopSchema, toShop } from "../v1/shop.schema.ts";
import { AttestedSchema, LanguageSchema } from "./account.schema.ts";
import { refusePlatformAccount } from "./platform-account.ts";

/** More than an owner runs; no farm of empty shops. */
const mostShops = 20;

const CreateShopBody = z
  .strictObject({
    name: lineOf(100).openapi({ example: "Shwe Thread" }),
    country: z.enum(shopCountries).default("MM").openapi({ description: "ISO 3166, for phone numbers." }),
    currency: CurrencySchema.default("MMK"),
    timeZone: z
      .string()
      .max(64)
      .refine(isTimeZone, "Must be a time zone like Asia/Yangon")
      .default("Asia/Yangon")
      .openapi({ example: "Asia/Yangon" }),
    languages: z
      .array(LanguageSchema)
      .min(1)
      .max(2)
      .refine((languages) => new Set(languages).size === languages.length, "Each language once")
      .default(["my", "en"])
      .openapi({ uniqueItems: true, description: "The first is preferred." }),
    agentName: lineOf(50).default("Thiri"),
    attested: AttestedSchema,
  })
  .openapi("CreateShop");

const HeadersSchema = z.object({
  "idempotency-key": z
    .string()
    .regex(/^[\x21-\x7e]{1,255}$/)
    .optional()
    .openapi({
      description:
        "With it, a repetition answers with the shop that the first request made, another request with 422.",
    }),
});

const createShopRoute = createRoute(
  ofAccount({
    method: "post",
    path: "/v1/shops",
    operationId: "createShop",
    summary: "Open a shop, whose owner the account becomes",
    description: "An account may have several; `Shopthread-Shop` names one of them in each later request.",
    tags: ["Shop"],
    request: { headers: HeadersSchema, body: jsonBody(CreateShopBody) },
    responses: { 201: jsonAnswer("The shop", ShopSchema), ...problems(409) },
  }),
);

export function mountNewShops(app: ApiRouter): void {
  app.openapi(createShopRoute, async (c) => {
    const { deps, session } = c.var;
    refusePlatformAccount(session);
    const key = c.req.valid("header")["idempotency-key"];
    const shop = await startOverWhenEpochCloses(() =>
      createShop(deps, session, { ...c.req.valid("json"), key }),
    );
    return c.json(toShop(shop), 201);
  });
}

/** While the account is held: whoever opens another shop at the same moment waits, and is counted. */
async function demandRoom({ system }: ApiDeps, accountId: AccountId): Promise<void> {
  const owned = (await listMemberships(system, accountId)).filter(({ role }) => role === "owner");
  if (owned.length < mostShops) return;
  throw new AppError("conflict", "shop.too_many", {
    internal: `owns ${owned.length} shops`,
    public: `An account may own ${mostShops} shops.`,
  });
}

type Wanted = z.output<typeof CreateShopBody> & { key: string | undefined };

/** Safe to run twice with one key: the shop's id comes from it. The key with another request is refused. */
async function createShop(deps: ApiDeps, session: StoredSession, wanted: Wanted): Promise<Shop> {
  const { accountId } = session;
  const { attested, key, ...fields } = wanted;
  const shopId = await idOf(deps, session, key);
  const request = createHash("sha256")
    .update(JSON.stringify({ ...fields, attested }))
    .digest("hex");
  const fingerprint = await deps.blindIndexer.index(shopId, "idempotency.fingerprint", request);
  const keys = await deps.sealer.makeKeys([{ shopId, subjectId: shopSubject(shopId), kind: "shop" }]);
  const now = deps.clock.now();
  const versions: Record<AttestationKind, string> = {
    lawful_basis: attested.lawfulBasis,
    consumer_law: attested.consumerLaw,
  };
  const { shop, isNew } = await deps.db.withShop(shopId, async (trx) => {
    await lockAccount(trx, accountId); // the same request at the same moment waits here
    const known = await findShop(trx, shopId);
    if (known === undefined) await demandRoom(deps, accountId);
    if (key !== undefined)
      await demandSameRequest(trx, { shopId, actorId: accountId, key, fingerprint, now });
    if (known !== undefined) return { shop: known, isNew: false };
    const shop = { ...fields, id: shopId, policies: emptyPolicies };
    await openShop(trx, { shop, ownerId: accountId, keys, now });
    await insertAttestations(trx, { shopId, accountId, versions, now });
    await appendAudit(trx, {
      shopId,
      actorKind: "owner",
      actorId: accountId,
      action: "shop.created",
      resourceId: shopId,
      now,
    });
    return { shop: found(await findShop(trx, shopId), "shop"), isNew: true };
  });
  if (!isNew) deps.sealer.forget(shopSubject(shopId));
  return shop;
}

async function demandSameRequest(
  trx: ShopTransaction,
  { fingerprint, now, ...ref }: IdempotencyRef & { fingerprint: Buffer; now: Date },
): Promise<void> {
  // No lease: the account is held, and what the key made is committed with it.
  const claim = await claimIdempotencyKey(trx, { ...ref, fingerprint, leaseMs: 0, now });
  if (claim.state === "other_request") throw refusalOf(claim.state);
  await storeIdempotentResponse(trx, { ...ref, status: 201, response: null });
}

async function idOf({ db }: ApiDeps, { accountId }: StoredSession, key: string | undefined): Promise<ShopId> {
  if (key === undefined) return newId<ShopId>();
  const account = await db.withoutShop((trx) => findAccount(trx, accountId));
  // Another person's key gives another id; the account's age keeps ids of one person in order enough.
  return stableUuid(found(account, "acc").createdAt, `shop|${accountId}|${key}`) as ShopId;
}
