import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomBytes } from "node:crypto";
import { inject } from "vitest";

import { readConfig } from "../../runtime/config.ts";
import type { Config } from "../../runtime/config.ts";
import { connectPage } from "../../runtime/connect-page.ts";
import { createShop } from "../../runtime/create-shop.ts";
import type { ShopToCreate } from "../../runtime/create-shop.ts";
import { giveCredits } from "../../runtime/give-credits.ts";
import { openCore } from "../../runtime/open-core.ts";
import type { Core } from "../../runtime/open-core.ts";
import { stockShop } from "../../runtime/stock-shop.ts";
import type { MethodToStock, ProductToStock, Stocked } from "../../runtime/stock-shop.ts";
import { startApi } from "../../runtime/api.ts";
import { startWorker } from "../../runtime/worker.ts";
import type { WorkerOverrides } from "../../runtime/worker.ts";
import { findFreePort } from "../../runtime/free-port.ts";
import type { RunningPart } from "../../runtime/parts.ts";
import { bulkQueueOf } from "../../runtime/queues.ts";
import { createMessengerClient } from "../../clients/messenger.ts";
import type { Clock } from "../../domain/clock.ts";
import type { AccountId, PageId, ShopId } from "../../domain/id.ts";
import type { UpgradeTimings } from "../../domain/subscription/timings.ts";
import { startSim } from "../../sim/start-sim.ts";
import type { RunningSim } from "../../sim/start-sim.ts";
import { shortConversationTimings, shortOrderTimings } from "./short-timings.ts";
import { createTestDatabase } from "./test-database.ts";
import type { TestDatabase } from "./test-database.ts";
import { temporalNamespace, workflowBundle } from "./temporal.ts";
import type { TestTemporal } from "./temporal.ts";

/** The whole product in this process, on a real Postgres and a real Temporal server, with a world of its own. */
export type House = {
  config: Config;
  /** The state folder; goes away with the house. */
  home: string;
  database: TestDatabase;
  temporal: TestTemporal;
  sim: RunningSim;
  /** With the API's login, for fixtures and look-ups. */
  core: Core;
  apiUrl: string;
  worker: RunningPart;
  /** Stops the worker of the house (like a deploy) and starts another one, with these overrides. */
  restartWorker(overrides?: WorkerOverrides): Promise<void>;
  stopWorker(): Promise<void>;
  /** Starts one beside the worker of the house; whoever starts it stops it. */
  startAnotherWorker(overrides?: WorkerOverrides): Promise<RunningPart>;
  close(): Promise<void>;
};

export type HouseOptions = {
  worker?: WorkerOverrides;
  /** Another Temporal server than the run's, e.g. one that the test destroys. */
  temporal?: TestTemporal;
  /** Another database than a fresh one of the run's server, likewise. */
  database?: TestDatabase;
  env?: Record<string, string>;
  /** Of API, worker and look-ups; the machine's without it. */
  clock?: Clock;
  /** For requests for a plan. */
  upgradeTimings?: UpgradeTimings;
};

export async function startHouse(options: HouseOptions = {}): Promise<House> {
  const home = await mkdtemp(join(tmpdir(), "shopthread-house-"));
  const temporal = options.temporal ?? temporalNamespace();
  const database = options.database ?? (await createTestDatabase());
  const { sim, secrets, apiPort } = await startWorld(home);
  const config = readConfig({
    SHOPTHREAD_HOME: home,
    SHOPTHREAD_DEMO: "on",
    SHOPTHREAD_PORT: String(apiPort),
    SHOPTHREAD_PUBLIC_URL: `http://127.0.0.1:${apiPort}`,
    SHOPTHREAD_LOG_LEVEL: "error",
    SHOPTHREAD_WORKER_METRICS_PORT: "off",
    DATABASE_URL_API: database.urls.api,
    DATABASE_URL_WORKER: database.urls.worker,
    DATABASE_URL_ADMIN: database.urls.admin,
    DATABASE_URL_SYSTEM: database.urls.system,
    DATABASE_URL_KEYRING: database.urls.keyring,
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_NAMESPACE: temporal.namespace,
    OPENAI_BASE_URL: `${sim.url}/model/v1`,
    OPENAI_API_KEY: "sk-test",
    GRAPH_BASE_URL: sim.url,
    KBZPAY_BASE_URL: `${sim.url}/payments/gateway`,
    META_LOGIN_URL: sim.url,
    KBZPAY_APP_ID: platformMerchant.appId,
    KBZPAY_MERCHANT_CODE: platformMerchant.merchantCode,
    KBZPAY_MERCHANT_KEY: platformMerchant.merchantKey,
    META_APP_ID: secrets.appId,
    META_APP_SECRET: secrets.appSecret,
    META_VERIFY_TOKEN: secrets.verifyToken,
    ATTACHMENT_HOSTS: new URL(sim.url).host,
    FCM_PROJECT_ID: "test",
    FCM_CLIENT_EMAIL: secrets.fcmEmail,
    FCM_PRIVATE_KEY: secrets.fcmPrivateKey,
    FCM_BASE_URL: sim.url,
    FCM_TOKEN_URL: `${sim.url}/token`,
    SMTP_URL: sim.mailUrl,
    ...options.env,
  });
  const time = options.clock ? { clock: options.clock } : {};
  const opened = await openCore(config, { name: "test", login: "api", connections: 4 });
  const core = { ...opened, ...time };
  const api = await startApi(config, {
    taskQueue: temporal.taskQueue,
    core: time,
    ...(options.upgradeTimings ? { upgradeTimings: options.upgradeTimings } : {}),
  });
  const newWorker = (overrides: WorkerOverrides = {}) =>
    startWorker(config, {
      queues: { main: temporal.taskQueue, bulk: bulkQueueOf(temporal.taskQueue) },
      workflowBundle: workflowBundle(),
      intervals: { settleMs: 200, sweepMs: 300, pushMs: 200, scheduleMs: 500 },
      hasSchedules: false,
      core: time,
      ...overrides,
    });
  let worker: RunningPart | undefined = await newWorker(options.worker);
  const stopWorker = async () => {
    await worker?.stop();
    worker = undefined;
  };
  return {
    config,
    home,
    database,
    temporal,
    sim,
    core,
    apiUrl: `http://127.0.0.1:${api.port}`,
    get worker() {
      if (!worker) throw new Error("the worker is stopped");
      return worker;
    },
    stopWorker,
    startAnotherWorker: newWorker,
    restartWorker: async (overrides) => {
      await stopWorker();
      worker = await newWorker(overrides);
    },
    close: async () => {
      await stopWorker();
      await api.stop();
      await core.close();
      await sim.close();
      await database.drop();
      await rm(home, { recursive: true, force: true });
    },
  };
}

/** Into which owners pay by code. */
const platformMerchant = {
  appId: "kp-platform",
  merchantCode: "100001",
  merchantKey: "key-of-the-platform",
};

async function startWorld(home: string) {
  const secrets = {
    appId: "990000000000001",
    appSecret: randomBytes(16).toString("hex"),
    verifyToken: randomBytes(16).toString("hex"),
    fcmEmail: "push@test.iam.gserviceaccount.com",
    fcmPrivateKey: inject("pushKeyPem"),
  };
  const apiPort = await findFreePort(0, "SHOPTHREAD_PORT");
  const sim = await startSim({
    port: 0,
    webhookUrl: `http://127.0.0.1:${apiPort}/webhooks/messenger`,
    page: { id: "110000000000001", name: "Nobody's Page", accessToken: "EAAnobody" },
    appId: secrets.appId,
    appSecret: secrets.appSecret,
    verifyToken: secrets.verifyToken,
    stateDir: join(home, "sim"),
    merchant: platformMerchant,
    push: { projectId: "test", clientEmail: secrets.fcmEmail, publicKey: secrets.fcmPrivateKey },
  });
  return { sim, secrets, apiPort };
}

export type TestShop = Stocked & {
  shopId: ShopId;
  accountId: AccountId;
  pageId: PageId;
  metaPageId: string;
  owner: { email: string; password: string };
};

export type TestShopOptions = Partial<Omit<ShopToCreate, "owner">> & {
  /** Null: as a shop begins, with the trial to come. */
  credits?: number | null;
  products?: ProductToStock[];
  methods?: MethodToStock[];
};

/** A fresh tenant with its own Page, and more credits than it can use: products, a transfer account that customers see, and cash on delivery. */
export async function openTestShop(house: House, options: TestShopOptions = {}): Promise<TestShop> {
  const owner = {
    email: `owner-${randomBytes(6).toString("hex")}@example.test`,
    password: "correct horse battery",
  };
  const { products, methods, credits = 10_000_000, ...shop } = options;
  const { shopId, accountId } = await createShop(house.core, {
    name: "Test Shop",
    country: "MM",
    currency: "MMK",
    timeZone: "Asia/Yangon",
    languages: ["en", "my"],
    agentName: "Thiri",
    policies: testPolicies,
    orderTimings: shortOrderTimings,
    conversationTimings: shortConversationTimings,
    ...shop,
    owner,
  });
  if (credits !== null) {
    const grant = { credits, effectKey: "opening", expiresAt: null };
    await giveCredits(house.config, { ...grant, shopId, now: house.core.clock.now() });
  }
  const stocked = await stockShop(house.core, shopId, {
    currency: shop.currency ?? "MMK",
    products: products ?? [
      { name: "Red Dress", description: "Silk", options: [{ name: "M", priceMinor: 45_000, stock: 5 }] },
    ],
    methods: methods ?? [
      {
        kind: "transfer",
        name: "KBZPay",
        details: { accountName: "Daw Thiri", accountNumber: "09 777 000 123", bank: "KBZPay" },
      },
      { kind: "cod", name: "Cash on delivery", details: null },
    ],
  });
  const metaPageId = `11${Date.now().toString().slice(-6)}${String(Math.floor(Math.random() * 1e7)).padStart(7, "0")}`;
  const token = `EAA${randomBytes(24).toString("base64url")}`;
  await postJson(`${house.sim.url}/pages`, { id: metaPageId, name: "Test Page", accessToken: token });
  const { pageId } = await connectPage(house.core, messengerOf(house), { shopId, metaPageId, token });
  return { ...stocked, shopId, accountId, pageId, metaPageId, owner };
}

export const testPolicies: ShopToCreate["policies"] = {
  openHours: { en: "Every day 9 to 19", my: "နေ့စဉ် ၉ နာရီမှ ၁၉ နာရီ" },
  returns: { en: "Exchange within 7 days", my: "၇ ရက်အတွင်း လဲနိုင်ပါတယ်" },
  zones: [
    {
      id: "yangon",
      name: "Yangon",
      townships: ["Sanchaung", "စမ်းချောင်း"],
      feeMinor: 2_500,
      acceptsCashOnDelivery: true,
    },
    { id: "elsewhere", name: "Elsewhere", townships: ["*"], feeMinor: 5_000, acceptsCashOnDelivery: false },
  ],
};

function messengerOf({ config, core }: House) {
  return createMessengerClient({
    egress: core.egress,
    baseUrl: config.GRAPH_BASE_URL,
    version: config.GRAPH_VERSION,
    appId: config.META_APP_ID ?? "",
    appSecret: config.META_APP_SECRET[0] ?? "",
  });
}

export async function postJson(
  url: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Response> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`POST ${url}: ${response.status} ${await response.text()}`);
  return response;
}
