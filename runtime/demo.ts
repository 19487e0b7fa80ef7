import { createHash } from "node:crypto";

import { hashToken } from "../api/auth/token.ts";
import { createMessengerClient } from "../clients/messenger.ts";
import { findAccountLogin, normaliseEmail } from "../db/accounts.ts";
import { openAdminDatabase } from "../db/admin-database.ts";
import { insertApiKey } from "../db/api-keys.ts";
import { grantPlatformRole } from "../db/platform-roles.ts";
import { registerDevice } from "../db/devices.ts";
import { findPageByMetaId } from "../db/pages.ts";
import { listMemberships } from "../db/system.ts";
import { newId, toTypeId } from "../domain/id.ts";
import type { AccountId, ShopId } from "../domain/id.ts";
import type { PlatformRole } from "../domain/platform-role.ts";
import { shopSubject } from "../domain/shop/shop-subject.ts";
import { connectPage } from "./connect-page.ts";
import { createShop, ensureAccount } from "./create-shop.ts";
import { demoPolicies, demoProducts } from "./demo-catalogue.ts";
import type { Demo, DemoRequest, EnsureDemo } from "./demo-contract.ts";
import { drawProduct } from "./demo-pictures.ts";
import { demandSettings } from "./config.ts";
import type { Config } from "./config.ts";
import { openCore, systemClock } from "./open-core.ts";
import type { Core } from "./open-core.ts";
import { giveCredits } from "./give-credits.ts";
import { stockShop } from "./stock-shop.ts";

const owner = "owner@shopthread.example";
/** More than visitors can ask away. */
const credits = 10_000_000;
const admin = "admin@shopthread.example";
const compliance = "compliance@shopthread.example";

/** The demonstration shop: made once for a state folder, then found as its visitors left it. */
export const ensureDemo: EnsureDemo = async (request) => {
  const core = await openCore(request.config, { name: "demo", login: "api", connections: 2 });
  try {
    return await ensure(core, request);
  } finally {
    await core.close();
  }
};

async function ensure(core: Core, { config, secrets }: DemoRequest): Promise<Demo> {
  const shopId = (await findDemoShop(core)) ?? (await makeShop(core, secrets));
  // Also where an earlier version made the shop.
  const grant = { credits, effectKey: "demonstration", expiresAt: null };
  await giveCredits(config, { ...grant, shopId, now: core.clock.now() });
  const metaPageId = secrets.pageId;
  const page = await core.db.withShop(shopId, (trx) => findPageByMetaId(trx, { shopId, metaPageId }));
  if (page?.state !== "disconnected") {
    await connectPage(core, messengerOf(core, { config, secrets }), {
      shopId,
      metaPageId,
      token: secrets.pageToken,
    });
  }
  const adminId = await ensureAccount(core, {
    email: admin,
    password: secrets.adminPassword,
    platformRole: "admin",
  });
  const complianceId = await ensureAccount(core, {
    email: compliance,
    password: secrets.compliancePassword,
    platformRole: "compliance",
  });
  await grantRoles(config, [
    { accountId: adminId, role: "platform_admin" },
    { accountId: adminId, role: "subscription_admin" },
    { accountId: adminId, role: "payout_admin" },
    { accountId: complianceId, role: "compliance" },
    // Two people pay out; a demonstration has no third.
    { accountId: complianceId, role: "payout_approver" },
  ]);
  return {
    shopId: toTypeId("shop", shopId),
    apiKey: demoApiKey(secrets),
    owner: { email: owner, password: secrets.ownerPassword },
    admin: { email: admin, password: secrets.adminPassword },
    compliance: { email: compliance, password: secrets.compliancePassword },
  };
}

async function grantRoles(
  config: Config,
  roles: { accountId: AccountId; role: PlatformRole }[],
): Promise<void> {
  const { DATABASE_URL_ADMIN: url } = demandSettings(config, "the demonstration", ["DATABASE_URL_ADMIN"]);
  const database = openAdminDatabase({ url, maxConnections: 1, name: "demo" });
  try {
    for (const role of roles) {
      await grantPlatformRole(database, { ...role, by: null, now: systemClock.now() });
    }
  } finally {
    await database.close();
  }
}

async function findDemoShop(core: Core): Promise<ShopId | undefined> {
  const index = await core.blindIndexer.index("platform", "account.email", normaliseEmail(owner));
  const account = await core.db.withoutShop((trx) => findAccountLogin(trx, index));
  return account && (await listMemberships(core.system, account.id))[0]?.shopId;
}

async function makeShop(core: Core, secrets: DemoRequest["secrets"]): Promise<ShopId> {
  const { shopId, accountId } = await createShop(core, {
    name: "Shwe Thread",
    country: "MM",
    currency: "MMK",
    timeZone: "Asia/Yangon",
    languages: ["my", "en"],
    agentName: "Thiri",
    policies: demoPolicies,
    owner: { email: owner, password: secrets.ownerPassword },
  });
  await core.db.withShop(shopId, (trx) =>
    insertApiKey(trx, {
      shopId,
      id: newId<string>(),
      tokenHash: hashToken(demoApiKey(secrets)),
      name: "Demonstration",
      createdBy: accountId,
      expiresAt: null,
      now: core.clock.now(),
    }),
  );
  await addDevice(core, shopId, accountId);
  await stockShop(core, shopId, {
    currency: "MMK",
    products: await Promise.all(
      demoProducts.map(async (product) => ({ ...product, picture: await drawProduct(product) })),
    ),
    methods: [
      {
        kind: "transfer",
        name: "KBZPay",
        details: { accountName: "Daw Thiri Shwe", accountNumber: "09 777 000 123", bank: "KBZPay" },
      },
      { kind: "cod", name: "Cash on delivery · အိမ်ရောက်ငွေချေ", details: null },
    ],
  });
  return shopId;
}

/** A telephone of the owner, so that the simulators' push log shows what an owner is told. */
async function addDevice(core: Core, shopId: ShopId, accountId: AccountId): Promise<void> {
  const deviceId = newId<string>();
  const token = `demo-device-${deviceId}`;
  const tokenIndex = await core.blindIndexer.index(shopId, "device.token", token);
  const place = {
    shopId,
    subjectId: shopSubject(shopId),
    purpose: "secret",
    field: "device.token",
    rowId: deviceId,
  } as const;
  const [sealed] = await core.sealer.seal([{ place, plaintext: token }]);
  if (!sealed) throw new TypeError("nothing was sealed");
  await core.db.withShop(shopId, (trx) =>
    registerDevice(trx, { shopId, deviceId, accountId, tokenIndex, token: sealed, now: core.clock.now() }),
  );
}

/** Of the form of every API key: `sk_` and 43 characters. */
function demoApiKey({ apiKeySecret }: DemoRequest["secrets"]): string {
  return `sk_${createHash("sha256").update(`demo api key ${apiKeySecret}`).digest("base64url")}`;
}

function messengerOf({ egress }: Core, { config, secrets }: DemoRequest) {
  return createMessengerClient({
    egress,
    baseUrl: config.GRAPH_BASE_URL,
    version: config.GRAPH_VERSION,
    appId: config.META_APP_ID ?? secrets.appId,
    appSecret: config.META_APP_SECRET[0] ?? secrets.appSecret,
  });
}
