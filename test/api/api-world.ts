import { createHmac, randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { pino } from "pino";

import { createApi } from "../../api/app.ts";
import type { Api, ApiPart } from "../../api/app.ts";
import type { ApiDeps } from "../../api/deps.ts";
import { hashPassword, readPepper } from "../../api/auth/password.ts";
import type { RateLimits } from "../../api/auth/rate-limits.ts";
import { newToken } from "../../api/auth/token.ts";
import { createBlindIndexer } from "../../clients/blind-indexer.ts";
import { createKeyring } from "../../clients/keyring.ts";
import { createSealer } from "../../clients/sealer.ts";
import { insertAccount, normaliseEmail, platformShopId } from "../../db/accounts.ts";
import { openAdminDatabase } from "../../db/admin-database.ts";
import { insertApiKey } from "../../db/api-keys.ts";
import { openDatabase } from "../../db/connection.ts";
import { openKeyRows } from "../../db/key-rows.ts";
import { putMembership } from "../../db/memberships.ts";
import { putPage } from "../../db/pages.ts";
import { grantPlatformRole } from "../../db/platform-roles.ts";
import { insertShop } from "../../db/shops.ts";
import { openSystemDatabase } from "../../db/system-database.ts";
import { defaultConversationTimings } from "../../domain/conversation/timings.ts";
import type { MembershipRole } from "../../domain/account/roles.ts";
import { newId } from "../../domain/id.ts";
import type { AccountId, CustomerId, PageId, ShopId, SubjectId } from "../../domain/id.ts";
import type { PlatformRole } from "../../domain/platform-role.ts";
import { noTrace } from "../../domain/ports/trace.ts";
import { defaultOrderTimings } from "../../domain/order/timings.ts";
import type { Sealed } from "../../domain/sealing.ts";
import { defaultCoolOffMs } from "../../domain/privacy/timings.ts";
import { defaultUpgradeTimings } from "../../domain/subscription/timings.ts";
import { shopSubject } from "../../domain/shop/shop-subject.ts";
import { messengerWith } from "../activities/messenger-with.ts";
import { createTestDatabase } from "../support/test-database.ts";

export const appSecret = "app-secret-of-the-tests";
export const verifyToken = "verify-token-of-the-tests";
export const ownAppId = "990000000000001";
export const publicUrl = "http://shop.test";

export type TestShop = { shopId: ShopId; pageId: PageId; metaPageId: string };
export type TestAccount = { accountId: AccountId; email: string; password: string };

/** The API on a database of its own, with the true keyring and sealer, and fakes of the outer worlds. */
export async function createApiWorld(parts: ApiPart[] = [], limits?: RateLimits) {
  const database = await createTestDatabase();
  const folder = await mkdtemp(join(tmpdir(), "shopthread-keyring-"));
  const options = (url: string) => ({ url, maxConnections: 4, name: "test" });
  const keyRows = openKeyRows(options(database.urls.keyring));
  const keyring = await createKeyring({ folder, rows: keyRows });
  const db = openDatabase(options(database.urls.api));
  const system = openSystemDatabase(options(database.urls.system));
  const admin = openAdminDatabase(options(database.urls.admin));
  const owner = new Client({ connectionString: database.urls.owner });
  // Dropping the database ends this connection from the other side.
  owner.on("error", () => undefined);
  await owner.connect();

  const time = { offsetMs: 0 };
  const rung: CustomerId[] = [];
  const tended: PageId[] = [];
  const outside = { isTemporalAway: false };
  const notUsed = () => Promise.reject(new Error("not used in this test"));
  const deps: ApiDeps = {
    db,
    system,
    admin,
    sealer: createSealer(keyring),
    blindIndexer: createBlindIndexer(keyring),
    processes: {
      ringConversation: async ({ customerId }) => {
        if (outside.isTemporalAway) throw new Error("temporal is away");
        rung.push(customerId);
      },
      ringErasure: notUsed,
      ringEvidence: notUsed,
      ringOrder: notUsed,
      ringUpgrade: notUsed,
      ringPayout: notUsed,
      ringBreach: notUsed,
      ringPrivacyRequest: () => Promise.resolve(),
      ringSubscription: notUsed,
      tendPage: async (page) => {
        if (outside.isTemporalAway) throw new Error("temporal is away");
        tended.push(page.pageId);
      },
      sweepRetention: async () => {
        if (outside.isTemporalAway) throw new Error("temporal is away");
      },
    },
    temporal: {
      updates: { withDeadline: notUsed, executeUpdateWithStart: notUsed },
      taskQueue: "test",
      ping: async () => {
        if (outside.isTemporalAway) throw new Error("temporal is away");
      },
      endIfStuck: notUsed,
    },
    objects: { put: notUsed, get: notUsed, remove: notUsed },
    images: { sanitiseImage: notUsed },
    messenger: messengerWith({}),
    metaLogin: { authoriseUrl: () => "https://facebook.test/dialog", redeem: notUsed },
    clock: { now: () => new Date(Date.now() + time.offsetMs) },
    trace: noTrace,
    log: pino({ level: process.env["LOG"] ?? "silent" }),
    settings: {
      publicUrl,
      messenger: { appIds: [ownAppId], appSecrets: [appSecret], verifyToken },
      upgrades: {
        timings: defaultUpgradeTimings,
        secondApprovalAbove: { MMK: 200_000 },
        payTo: "KBZPay 09 777 000 100",
      },
      privacy: { accountCoolOffMs: defaultCoolOffMs },
      platformMerchant: null,
      processors: [],
      trustedProxies: 0,
      requiresSecondFactor: false,
    },
  };
  const api: Api = createApi(deps, parts, limits);

  return {
    api,
    deps,
    database,
    /** The superuser, whom row security does not bind: sees what is really stored. */
    owner,
    rung,
    tended,
    outside,
    /** Moves the product's clock. */
    passTime: (ms: number) => {
      time.offsetMs += ms;
    },
    addShop: () => addShop(deps),
    addAccount: () => addAccount(deps),
    addMember: (shopId: ShopId, accountId: AccountId, role: MembershipRole = "owner") =>
      db.withShop(shopId, (trx) => putMembership(trx, { shopId, accountId, role, now: new Date() })),
    giveRole: (accountId: AccountId, role: PlatformRole) =>
      grantPlatformRole(admin, { accountId, role, by: null, now: new Date() }),
    addApiKey: (shopId: ShopId) => addApiKey(deps, shopId),
    close: async () => {
      await api.drained();
      await Promise.all([db.close(), system.close(), admin.close(), keyRows.close(), owner.end()]);
      await database.drop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export type ApiWorld = Awaited<ReturnType<typeof createApiWorld>>;

async function addShop({ db, sealer }: ApiDeps): Promise<TestShop> {
  const shopId = newId<ShopId>();
  const pageId = newId<PageId>();
  const metaPageId = `11${String(Math.floor(Math.random() * 1e13)).padStart(13, "0")}`;
  const now = new Date();
  const subjectId = shopSubject(shopId);
  const keys = await sealer.makeKeys([{ shopId, subjectId, kind: "shop" }]);
  const token = await sealOne(sealer, {
    place: { shopId, subjectId, purpose: "secret", field: "page.token", rowId: pageId },
    plaintext: "page-token",
  });
  await db.withShop(shopId, async (trx) => {
    await insertShop(trx, { shop: { id: shopId, ...shopFields }, keys, now });
    await putPage(trx, { shopId, id: pageId, metaPageId, name: "Page", token, now });
  });
  return { shopId, pageId, metaPageId };
}

const shopFields = {
  name: "Shop",
  country: "MM",
  currency: "MMK" as const,
  timeZone: "Asia/Yangon",
  languages: ["my" as const, "en" as const],
  agentName: "Aye",
  policies: { openHours: { my: "", en: "" }, returns: { my: "", en: "" }, zones: [] },
  orderTimings: defaultOrderTimings,
  conversationTimings: defaultConversationTimings,
};

async function addAccount({ db, sealer, blindIndexer }: ApiDeps): Promise<TestAccount> {
  const accountId = newId<AccountId>();
  const email = `owner-${randomBytes(4).toString("hex")}@example.com`;
  const password = randomBytes(12).toString("base64url");
  const subjectId = accountId as string as SubjectId;
  const keys = await sealer.makeKeys([{ shopId: platformShopId, subjectId, kind: "account" }]);
  const sealed = await sealOne(sealer, {
    place: {
      shopId: platformShopId,
      subjectId,
      purpose: "account",
      field: "account.email",
      rowId: accountId,
    },
    plaintext: email,
  });
  const emailIndex = await blindIndexer.index("platform", "account.email", normaliseEmail(email));
  const passwordHash = await hashPassword(password, await readPepper(blindIndexer));
  await db.withShop(platformShopId, (trx) =>
    insertAccount(trx, {
      id: accountId,
      emailIndex,
      email: sealed,
      passwordHash,
      platformRole: null,
      keys,
      now: new Date(),
    }),
  );
  return { accountId, email, password };
}

async function addApiKey({ db }: ApiDeps, shopId: ShopId): Promise<string> {
  const { token, tokenHash } = newToken("apiKey");
  const key = { shopId, id: newId<string>(), tokenHash, name: "test", createdBy: null, expiresAt: null };
  await db.withShop(shopId, (trx) => insertApiKey(trx, { ...key, now: new Date() }));
  return token;
}

async function sealOne(
  sealer: ApiDeps["sealer"],
  item: Parameters<ApiDeps["sealer"]["seal"]>[0][number],
): Promise<Sealed> {
  const [sealed] = await sealer.seal([item]);
  if (sealed === undefined) throw new Error("nothing was sealed");
  return sealed;
}

/** A webhook as Meta posts it: non-ASCII escaped, signed over the bytes. */
export function signedPost(
  body: unknown,
  { secret = appSecret, headers = {} }: { secret?: string; headers?: Record<string, string> } = {},
): RequestInit {
  const text = (typeof body === "string" ? body : JSON.stringify(body)).replace(
    /[\u0080-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  const signature = createHmac("sha256", secret).update(text).digest("hex");
  return {
    method: "POST",
    headers: { "content-type": "application/json", "x-hub-signature-256": `sha256=${signature}`, ...headers },
    body: text,
  };
}

export type WireItem = Record<string, unknown>;

export function envelope(...pages: { metaPageId: string; items: WireItem[] }[]): unknown {
  return {
    object: "page",
    entry: pages.map(({ metaPageId, items }) => ({ id: metaPageId, time: Date.now(), messaging: items })),
  };
}

export function newPsid(): string {
  return `72${String(Math.floor(Math.random() * 1e13)).padStart(13, "0")}`;
}

export function newMid(): string {
  return `m_${randomBytes(12).toString("base64url")}`;
}

export function messageItem(
  { metaPageId }: TestShop,
  psid: string,
  message: Record<string, unknown>,
  at = Date.now(),
): WireItem {
  return {
    sender: { id: psid },
    recipient: { id: metaPageId },
    timestamp: at,
    message: { mid: newMid(), ...message },
  };
}

export function echoItem(
  { metaPageId }: TestShop,
  psid: string,
  message: Record<string, unknown>,
  at = Date.now(),
): WireItem {
  return {
    sender: { id: metaPageId },
    recipient: { id: psid },
    timestamp: at,
    message: { is_echo: true, mid: newMid(), ...message },
  };
}
