import { serve } from "@hono/node-server";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { setTimeout as wait } from "node:timers/promises";

import { createApi } from "../api/app.ts";
import type { RateLimits } from "../api/auth/rate-limits.ts";
import { mountConsole } from "../api/console/console.ts";
import { openLiveEvents } from "../api/console/live-events.ts";
import type { ApiSettings } from "../api/deps.ts";
import { collectProcessMetrics } from "../api/metrics.ts";
import { mountAdminApi } from "../api/v1/admin/admin-api.ts";
import { mountComplianceApi } from "../api/v1/compliance/compliance-api.ts";
import { mountOwnerApi } from "../api/v1/owner-api.ts";
import { mountProductImages } from "../api/media/product-images.ts";
import { createMessengerClient } from "../clients/messenger.ts";
import { createMetaLogin } from "../clients/meta-login.ts";
import { openAdminDatabase } from "../db/admin-database.ts";
import { AppError } from "../domain/app-error.ts";
import { defaultUpgradeTimings } from "../domain/subscription/timings.ts";
import type { UpgradeTimings } from "../domain/subscription/timings.ts";
import { demandSettings } from "./config.ts";
import type { Config, Demanded } from "./config.ts";
import { openCore } from "./open-core.ts";
import type { Core } from "./open-core.ts";
import type { RunningPart } from "./parts.ts";
import { platformMerchant } from "./platform-merchant.ts";
import { readProcessors } from "./processors.ts";
import { taskQueues } from "./queues.ts";
import { createProcesses, endIfStuck } from "./temporal-client.ts";
import { serverTls } from "./tls.ts";
import { UndoStack } from "./undo-stack.ts";

const connections = 20;
/** A balancer reads readiness this often; until then it may still send new work. */
const drainMs = 10_000;

/** What tests give in place of the settings. */
export type ApiOverrides = {
  taskQueue?: string;
  core?: Partial<Core>;
  limits?: RateLimits;
  upgradeTimings?: UpgradeTimings;
};

/** Listens until it is stopped; then answers what it has begun. */
export async function startApi(
  given: Config,
  overrides: ApiOverrides = {},
): Promise<RunningPart & { port: number }> {
  const undo = new UndoStack();
  const opened = await openCore(given, { name: "api", login: "api", connections });
  undo.push(() => opened.close());
  const core = { ...opened, ...overrides.core };
  const taskQueue = overrides.taskQueue ?? taskQueues.main;
  try {
    const config = demandSettings(core.config, "the API", [
      "META_APP_ID",
      "META_APP_SECRET",
      "META_VERIFY_TOKEN",
      "SHOPTHREAD_PUBLIC_URL",
      "DATABASE_URL_ADMIN",
    ]);
    const admin = openAdminDatabase({ url: config.DATABASE_URL_ADMIN, maxConnections: 3, name: "admin" });
    undo.push(() => admin.close());
    const live = openLiveEvents({ url: config.DATABASE_URL_API ?? "", log: core.log });
    undo.push(() => live.close());
    const onStuck = (workflowId: string) => core.log.warn({ workflowId }, "process.was_stuck");
    const graph = {
      egress: core.egress,
      baseUrl: config.GRAPH_BASE_URL,
      version: config.GRAPH_VERSION,
      appId: config.META_APP_ID,
      appSecret: config.META_APP_SECRET[0] ?? "",
    };
    const api = createApi(
      {
        ...core,
        admin,
        messenger: createMessengerClient(graph),
        metaLogin: createMetaLogin({
          ...graph,
          dialogUrl: config.META_LOGIN_URL,
          configId: config.META_LOGIN_CONFIG_ID,
        }),
        processes: createProcesses(core.temporal, taskQueue, onStuck),
        temporal: {
          updates: core.temporal.client.workflow,
          taskQueue,
          ping: core.temporal.ping,
          endIfStuck: (run) => endIfStuck(core.temporal, { ...run, onStuck }),
        },
        settings: apiSettings(config, overrides.upgradeTimings),
      },
      [mountOwnerApi, mountAdminApi, mountComplianceApi, mountProductImages, mountConsole(live)],
      overrides.limits,
    );
    collectProcessMetrics(api.metrics);
    const server = await listen(api.app.fetch, config);
    return {
      port: server.port,
      stop: async () => {
        api.beginShutdown();
        await live.close(); // open streams would hold the server
        await server.close();
        await Promise.race([api.drained(), wait(drainMs, undefined, { ref: false })]);
        await undo.unwind();
      },
    };
  } catch (error) {
    await undo.unwind();
    throw error;
  }
}

/** Where a demonstration's plans are paid. */
const demoAccount = "KBZPay 09 777 000 100, Shopthread (demonstration)";

type ApiConfig = Demanded<
  "META_APP_ID" | "META_APP_SECRET" | "META_VERIFY_TOKEN" | "SHOPTHREAD_PUBLIC_URL" | "DATABASE_URL_ADMIN"
>;

function apiSettings(config: ApiConfig, upgradeTimings: UpgradeTimings | undefined): ApiSettings {
  return {
    publicUrl: config.SHOPTHREAD_PUBLIC_URL,
    supportEmail: config.SHOPTHREAD_SUPPORT_EMAIL,
    messenger: {
      appIds: [config.META_APP_ID],
      appSecrets: config.META_APP_SECRET,
      verifyToken: config.META_VERIFY_TOKEN,
    },
    upgrades: {
      timings: upgradeTimings ?? defaultUpgradeTimings,
      payTo: config.SHOPTHREAD_PAY_TO ?? (config.isDemo ? demoAccount : null),
      secondApprovalAbove: config.SHOPTHREAD_SECOND_APPROVAL_ABOVE,
    },
    privacy: {
      accountCoolOffMs: config.SHOPTHREAD_ACCOUNT_COOL_OFF_DAYS * 24 * 60 * 60_000,
      profile: config.SHOPTHREAD_PRIVACY_PROFILE,
      supportEmail: config.SHOPTHREAD_SUPPORT_EMAIL,
    },
    platformMerchant: platformMerchant(config),
    processors: readProcessors(config),
    trustedProxies: config.SHOPTHREAD_TRUSTED_PROXIES,
    requiresSecondFactor: config.requiresSecondFactor,
  };
}

type Fetch = Parameters<typeof serve>[0]["fetch"];

function listen(fetch: Fetch, config: Config): Promise<{ port: number; close(): Promise<void> }> {
  const { SHOPTHREAD_HOST: hostname, SHOPTHREAD_PORT: port } = config;
  const tls = serverTls(config);
  const secure = tls === undefined ? {} : { createServer, serverOptions: tls };
  return new Promise((resolve, reject) => {
    const server = serve({ fetch, hostname, port, ...secure }, (info: AddressInfo) =>
      resolve({
        port: info.port,
        close: () =>
          new Promise((closed) => {
            server.close(() => closed());
            if ("closeIdleConnections" in server) server.closeIdleConnections();
          }),
      }),
    );
    server.once("error", (cause) =>
      reject(
        new AppError("unavailable", "api.cannot_listen", {
          internal: `${hostname}:${port}`,
          public: `The API cannot listen on ${hostname}:${port}. Is the port taken? Set SHOPTHREAD_PORT.`,
          cause,
        }),
      ),
    );
  });
}
