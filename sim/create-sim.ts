import { Hono } from "hono";
import { callGate } from "./call-gate.ts";
import { createCdnApp } from "./cdn/cdn-app.ts";
import { createChatApp } from "./chat/chat-app.ts";
import { createControlApp } from "./control/control-app.ts";
import { addAccountRoutes } from "./control/account-routes.ts";
import { addCustomerRoutes } from "./control/customer-routes.ts";
import { describeServices } from "./control/describe-services.ts";
import { addModelRoutes } from "./control/model-routes.ts";
import { addOutsideRoutes } from "./control/outside-routes.ts";
import { addPageRoutes } from "./control/page-routes.ts";
import { addPaymentRoutes } from "./control/payment-routes.ts";
import { createFaults } from "./faults.ts";
import { createGraphApp } from "./graph/graph-app.ts";
import { createLoginDialog } from "./login/login-dialog.ts";
import { createLive } from "./live.ts";
import { createLetters } from "./mail/letters.ts";
import { createMailApp } from "./mail/mail-app.ts";
import { createModelSim } from "./model/model-sim.ts";
import { onlyLocalNames } from "./only-local-names.ts";
import { createPaymentsApp } from "./payments/gateway-app.ts";
import { createCallbackSender } from "./payments/send-callback.ts";
import { createWalletApp } from "./payments/wallet-page.ts";
import { createPushApp } from "./push/push-app.ts";
import type { SimContext } from "./sim-context.ts";
import { createSimLog } from "./sim-log.ts";
import type { SimOptions } from "./sim-options.ts";
import { defaultWebhookTimings } from "./sim-options.ts";
import { webhookFields } from "./webhooks/webhook-field.ts";
import { createWebhookQueue } from "./webhooks/webhook-queue.ts";
import { createWorld } from "./world/world.ts";
import type { World } from "./world/world.ts";

export type Sim = {
  app: Hono;
  context: SimContext;
  /** Where webhooks of the demo app go; needed when the product's port is known late. */
  setWebhookUrl: (url: string) => void;
  /** Ends hanging calls and deliveries; undelivered webhooks stay in the folder for the next start. */
  close: () => Promise<void>;
};

const cdnTtlMs = 35 * 3_600_000;

/** The whole outside world as one HTTP app. */
export function createSim(options: SimOptions): Sim {
  const now = options.now ?? Date.now;
  const world = createWorld({ stateDir: options.stateDir });
  seedWorld(world, options);
  const faults = createFaults();
  const live = createLive();
  const timings = { ...defaultWebhookTimings, ...options.webhookTimings };
  const callbacks = createCallbackSender({ faults, now, timings });
  const webhooks = createWebhookQueue({
    world,
    faults,
    now,
    timings,
    onDelivered: ({ pageId, psid, mid }) => {
      const message = mid === null ? undefined : world.findMessage(pageId, mid);
      if (!message || message.deliveredAt !== null) return;
      world.putMessage({ ...message, deliveredAt: now() });
      live.emit({ type: "changed", pageId, psid });
    },
  });
  const context: SimContext = {
    world,
    log: createSimLog({ now }),
    letters: createLetters(),
    faults,
    live,
    webhooks,
    callbacks,
    now,
    baseUrl: options.baseUrl ?? (() => "http://127.0.0.1"),
    autoRead: options.autoRead ?? false,
    cdnTtlMs: options.cdnTtlMs ?? cdnTtlMs,
    defaultPageId: options.page.id,
    defaultAppId: options.appId,
    push: { account: options.push ?? null },
  };
  const app = createSimApp(context, options);
  webhooks.resume();
  return {
    app,
    context,
    setWebhookUrl(webhookUrl) {
      const known = world.findApp(options.appId);
      if (known) world.putApp({ ...known, webhookUrl });
    },
    async close() {
      faults.disarm();
      await webhooks.close();
      await callbacks.close();
      world.close();
    },
  };
}

function createSimApp(context: SimContext, { modelSlowMs, allowedHosts }: SimOptions): Hono {
  const model = createModelSim(modelSlowMs === undefined ? {} : { slowMs: modelSlowMs });
  const control = createControlApp();
  addCustomerRoutes(control, context);
  addPageRoutes(control, context);
  addAccountRoutes(control, context);
  addOutsideRoutes(control, context);
  addModelRoutes(control, model);
  addPaymentRoutes(control, context);
  describeServices(control);
  control.doc31("/openapi.json", {
    openapi: "3.1.0",
    info: {
      title: "Shopthread simulators",
      version: "1",
      description: "The outside world, for scripts and tests.",
    },
  });

  const app = new Hono();
  app.use(onlyLocalNames(allowedHosts ?? []));
  app.use("/:version{v[0-9]+\\.[0-9]+}/*", callGate(context, "graph"));
  app.use("/cdn/*", callGate(context, "cdn"));
  app.use("/token", callGate(context, "push"));
  app.use("/v1/projects/*", callGate(context, "push"));
  app.use("/model/v1/*", callGate(context, "model"));
  app.use("/payments/gateway/*", callGate(context, "payments"));
  app.route("/:version{v[0-9]+\\.[0-9]+}/dialog/oauth", createLoginDialog(context));
  app.route("/:version{v[0-9]+\\.[0-9]+}", createGraphApp(context));
  app.route("/cdn", createCdnApp(context));
  app.route("/chat", createChatApp(context));
  app.route("/payments/gateway", createPaymentsApp(context));
  app.route("/payments/wallet", createWalletApp(context));
  app.route("/mail", createMailApp(context));
  app.get("/favicon.ico", (c) => c.body(null, 204)); // every browser asks, and logs a 404
  app.route("/", createPushApp(context));
  app.route("/", control);
  app.route("/model", model.app);
  return app;
}

/** The app and Page of the options; what the product changed at an existing Page stays. */
function seedWorld(world: World, options: SimOptions): void {
  const { appId, appSecret, verifyToken, webhookUrl, page, merchant } = options;
  if (merchant !== undefined) world.putMerchant({ ...merchant, key: merchant.merchantKey });
  world.putApp({ appId, appSecret, verifyToken, webhookUrl });
  const known = world.findPage(page.id);
  if (world.listAccounts().length === 0) {
    world.putAccount({ id: "300000000000001", name: "Thiri", pageIds: null });
  }
  world.putPage({
    ...page,
    appId,
    subscriptions: known?.subscriptions ?? { [appId]: [...webhookFields] },
    messengerProfile: known?.messengerProfile ?? {},
    ...(known?.defaultAppId === undefined ? {} : { defaultAppId: known.defaultAppId }),
  });
}
