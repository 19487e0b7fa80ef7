import type { Config } from "./config.ts";
import type { DatabaseLogins } from "./prepare-database.ts";
import type { Secrets } from "./secrets.ts";

export type Addresses = {
  /** As the simulators and scripts on this machine reach it. */
  api: string;
  apiPort: number;
  /** Absent when no simulators run. */
  sim: string | undefined;
  simPort: number;
  simMailPort: number;
  temporal: string;
  temporalUiPort: number;
  workerMetricsPort: number | "off";
};

type Inputs = {
  config: Config;
  /** The environment as it was given: what is set there is never replaced by a simulator. */
  given: NodeJS.ProcessEnv;
  secrets: Secrets;
  logins: DatabaseLogins;
  addresses: Addresses;
};

/** The whole environment of api, worker and sim: every setting is decided, none is left to a default there. */
export function childEnvironment(inputs: Inputs): NodeJS.ProcessEnv {
  const { config, given, logins, addresses } = inputs;
  return {
    ...given,
    TZ: "UTC",
    SHOPTHREAD_HOME: config.SHOPTHREAD_HOME,
    SHOPTHREAD_DEMO: config.isDemo ? "on" : "off",
    SHOPTHREAD_PORT: String(addresses.apiPort),
    SHOPTHREAD_SIM_PORT: String(addresses.simPort),
    SHOPTHREAD_SIM_MAIL_PORT: String(addresses.simMailPort),
    SHOPTHREAD_TEMPORAL_UI_PORT: String(addresses.temporalUiPort),
    SHOPTHREAD_WORKER_METRICS_PORT: String(addresses.workerMetricsPort),
    SHOPTHREAD_PUBLIC_URL: config.SHOPTHREAD_PUBLIC_URL ?? addresses.api,
    DATABASE_URL: "", // only the migrator is the owner
    ...logins,
    TEMPORAL_ADDRESS: addresses.temporal,
    TEMPORAL_NAMESPACE: config.TEMPORAL_NAMESPACE,
    ...(addresses.sim === undefined ? {} : simulatedWorld(inputs, addresses.sim)),
  };
}

function simulatedWorld({ given, secrets, addresses }: Inputs, sim: string): NodeJS.ProcessEnv {
  const { demo } = secrets;
  const pick = (name: string, simulated: string) => given[name] || simulated;
  const isModelGiven = Boolean(given["OPENAI_API_KEY"] || given["OPENAI_BASE_URL"]);
  const isPushGiven = Boolean(given["FCM_PROJECT_ID"]);
  return {
    GRAPH_BASE_URL: pick("GRAPH_BASE_URL", sim),
    META_LOGIN_URL: pick("META_LOGIN_URL", sim),
    META_APP_ID: pick("META_APP_ID", demo.appId),
    META_APP_SECRET: pick("META_APP_SECRET", demo.appSecret),
    META_VERIFY_TOKEN: pick("META_VERIFY_TOKEN", demo.verifyToken),
    ATTACHMENT_HOSTS: pick("ATTACHMENT_HOSTS", `fbcdn.net,fbsbx.com,${new URL(sim).host}`),
    KBZPAY_BASE_URL: pick("KBZPAY_BASE_URL", `${sim}/payments/gateway`),
    KBZPAY_APP_ID: pick("KBZPAY_APP_ID", "kp-shopthread"),
    KBZPAY_MERCHANT_CODE: pick("KBZPAY_MERCHANT_CODE", "100001"),
    KBZPAY_MERCHANT_KEY: pick("KBZPAY_MERCHANT_KEY", demo.merchantKey),
    ...(isModelGiven ? {} : { OPENAI_BASE_URL: `${sim}/model/v1`, OPENAI_API_KEY: demo.modelKey }),
    ...(isPushGiven
      ? {}
      : {
          FCM_PROJECT_ID: "shopthread-demo",
          FCM_CLIENT_EMAIL: "push@shopthread-demo.iam.gserviceaccount.com",
          FCM_PRIVATE_KEY: demo.fcmPrivateKey,
          FCM_BASE_URL: sim,
          FCM_TOKEN_URL: `${sim}/token`,
        }),
    SMTP_URL: pick("SMTP_URL", `smtp://127.0.0.1:${addresses.simMailPort}`),
    SIM_WEBHOOK_URL: `${addresses.api}/webhooks/messenger`,
    SIM_PAGE_ID: pick("SIM_PAGE_ID", demo.pageId),
    SIM_PAGE_TOKEN: pick("SIM_PAGE_TOKEN", demo.pageToken),
  };
}
