import { z } from "zod";
import { readHeaders } from "./otlp-headers.ts";
import { invoiceSettings } from "./invoice-settings.ts";
import { processorSettings } from "./processor-settings.ts";
import { privacySettings } from "./privacy-settings.ts";
import { setting } from "./setting.ts";
import { tlsSettings } from "./tls-settings.ts";
import { simSettings } from "./sim-settings.ts";
import { isHostList, isUrlOf, readAmounts, webUrl } from "./setting-values.ts";

const text = z.string();
const optionalText = z.string().optional();
const port = z
  .string()
  .regex(/^\d{1,5}$/, "must be a port number from 0 to 65535")
  .transform(Number)
  .refine((value) => value <= 65_535, "must be a port number from 0 to 65535");
const portOrOff = z
  .string()
  .regex(/^(?:off|\d{1,5})$/, "must be off, or a port number from 0 to 65535")
  .transform((value) => (value === "off" ? value : Number(value)))
  .refine((value) => value === "off" || value <= 65_535, "must be off, or a port number from 0 to 65535");
const databaseUrl = z
  .string()
  .refine(
    (value) => isUrlOf(value, ["postgres:", "postgresql:"]),
    "must look like postgres://user:password@host/name",
  )
  .optional();
const smtpUrl = z
  .string()
  .refine((value) => isUrlOf(value, ["smtp:", "smtps:"]), "must look like smtps://user:password@host:465");
const hostAndPort = z.string().regex(/^[^\s/:]+:\d{1,5}$/, "must look like host:port");
const list = z
  .string()
  .default("")
  .transform((value) =>
    value
      .split(",")
      .map((part) => part.trim())
      .filter(Boolean),
  );
const headerList = z
  .string()
  .default("")
  .refine((value) => readHeaders(value) !== undefined, "must look like name=value,name=value");
const samplers = [
  "always_on",
  "always_off",
  "traceidratio",
  "parentbased_always_on",
  "parentbased_always_off",
  "parentbased_traceidratio",
] as const;
const amounts = z
  .string()
  .refine((value) => readAmounts(value) !== undefined, "must look like MMK:200000,USD:5000")
  .transform((value) => readAmounts(value) ?? {});
const attachmentHosts = z.string().refine(isHostList, "must be a list of domains, a comma between");
const priceInUsd = z
  .string()
  .regex(/^\d{1,4}(?:\.\d{1,6})?$/, "must be an amount in US dollars like 0.25")
  .transform(Number);
const privateKey = z
  .string()
  .transform((value) => value.replaceAll("\\n", "\n"))
  .refine(
    (value) => value.includes("PRIVATE KEY-----"),
    "must be a PEM private key (newlines may be written \\n)",
  );
/** Every setting of the program, in the order of `.env.example`. An empty value counts as absent. */
export const settingGroups = {
  "Where it runs": {
    SHOPTHREAD_HOME: setting({
      schema: text,
      default: ".shopthread",
      meaning: "State folder: databases, pictures, keys, logs. Relative to the checkout.",
    }),
    SHOPTHREAD_HOST: setting({
      schema: text,
      default: "127.0.0.1",
      meaning: "Address that API, console and the worker's metrics listen on; 0.0.0.0 in a container.",
    }),
    SHOPTHREAD_PORT: setting({
      schema: port,
      default: "3400",
      meaning: "API and console. 0 takes any free port.",
    }),
    SHOPTHREAD_SIM_PORT: setting({ schema: port, default: "3401", meaning: "Simulators and chat page." }),
    SHOPTHREAD_SIM_MAIL_PORT: setting({
      schema: port,
      default: "0",
      meaning: "The simulators' mail server (SMTP). 0 takes any free port.",
    }),
    SHOPTHREAD_TEMPORAL_PORT: setting({
      schema: port,
      default: "3402",
      meaning: "Embedded Temporal server.",
    }),
    SHOPTHREAD_TEMPORAL_UI_PORT: setting({
      schema: port.optional(),
      default: "",
      meaning: "Its web pages. Empty: 3403, or any free port where SHOPTHREAD_TEMPORAL_PORT is 0.",
    }),
    SHOPTHREAD_POSTGRES_PORT: setting({ schema: port, default: "3404", meaning: "Embedded PostgreSQL." }),
    SHOPTHREAD_WORKER_METRICS_PORT: setting({
      schema: portOrOff,
      default: "0",
      meaning: "Prometheus metrics of the worker, at /metrics. 0 takes any free port and logs it; off: none.",
    }),
    SHOPTHREAD_PUBLIC_URL: setting({
      schema: webUrl.optional(),
      default: "",
      meaning: "Address under which browsers and Meta reach the API. Empty: http://host:port.",
    }),
    SHOPTHREAD_TRUSTED_PROXIES: setting({
      schema: z.string().regex(/^\d$/, "must be a small number").transform(Number),
      default: "0",
      meaning: "How many proxies in front of the API append to X-Forwarded-For.",
    }),
    SHOPTHREAD_DEMO: setting({
      schema: z.enum(["auto", "on", "off"], "must be auto, on or off"),
      default: "auto",
      meaning: "Demonstration shop and simulators. auto: on as long as META_APP_SECRET is empty.",
    }),
    SHOPTHREAD_SECOND_APPROVAL_ABOVE: setting({
      schema: amounts,
      default: "MMK:200000,USD:5000",
      meaning:
        "Two admins approve a plan that costs more, in minor units of a currency; of one not named here, always.",
    }),
    SHOPTHREAD_PAY_TO: setting({
      schema: optionalText,
      default: "",
      meaning: "Account to which owners transfer the price of plans, one line, as it is shown to them.",
    }),
    SHOPTHREAD_REQUIRE_SECOND_FACTOR: setting({
      schema: z.enum(["auto", "on", "off"], "must be auto, on or off"),
      default: "auto",
      meaning:
        "A second factor for platform roles and whoever reads customer data. auto: outside the demonstration.",
    }),
    ...privacySettings,
    SHOPTHREAD_LOG_LEVEL: setting({
      schema: z.enum(["debug", "info", "warn", "error"], "must be debug, info, warn or error"),
      default: "info",
      meaning: "How much goes into the logs.",
    }),
  },
  PostgreSQL: {
    DATABASE_URL: setting({
      schema: databaseUrl,
      default: "",
      isSecret: true,
      meaning: "Owner of the database, who migrates it. Empty: an embedded PostgreSQL in the state folder.",
    }),
    DATABASE_URL_API: setting({
      schema: databaseUrl,
      default: "",
      isSecret: true,
      meaning:
        "Login app_api. The five are needed when DATABASE_URL may not create roles, and by `--only`; else npm start makes them.",
    }),
    DATABASE_URL_WORKER: setting({
      schema: databaseUrl,
      default: "",
      isSecret: true,
      meaning: "Login app_worker.",
    }),
    DATABASE_URL_ADMIN: setting({
      schema: databaseUrl,
      default: "",
      isSecret: true,
      meaning: "Login app_admin.",
    }),
    DATABASE_URL_SYSTEM: setting({
      schema: databaseUrl,
      default: "",
      isSecret: true,
      meaning: "Login app_system.",
    }),
    DATABASE_URL_KEYRING: setting({
      schema: databaseUrl,
      default: "",
      isSecret: true,
      meaning: "Login keyring.",
    }),
  },
  Temporal: {
    TEMPORAL_ADDRESS: setting({
      schema: hostAndPort.optional(),
      default: "",
      meaning: "host:port of a Temporal server. Empty: an embedded one in the state folder.",
    }),
    TEMPORAL_NAMESPACE: setting({
      schema: text,
      default: "shopthread",
      meaning: "Namespace of all workflows.",
    }),
    SHOPTHREAD_WORKFLOW_BUNDLE: setting({
      schema: optionalText,
      default: "",
      meaning:
        "Code of the workflows, a file that npm run bundle made of this release. Empty: the worker bundles it.",
    }),
    TEMPORAL_CLI_PATH: setting({
      schema: optionalText,
      default: "",
      meaning: "The Temporal CLI to embed. Empty: from the PATH, the cache, a download or a build with Go.",
    }),
  },
  "Model (OpenAI Responses API)": {
    OPENAI_API_KEY: setting({
      schema: optionalText,
      default: "",
      isSecret: true,
      meaning: "Empty, and OPENAI_BASE_URL too: the demonstration model of the simulators.",
    }),
    OPENAI_BASE_URL: setting({
      schema: webUrl,
      default: "https://api.openai.com/v1",
      meaning: "Any server with the same interface.",
    }),
    OPENAI_MODEL: setting({ schema: text, default: "gpt-5-mini", meaning: "Name of the model." }),
    OPENAI_INPUT_PRICE: setting({
      schema: priceInUsd,
      default: "0.25",
      meaning: "The provider's list price of a million tokens read, in US dollars; shown beside credits.",
    }),
    OPENAI_OUTPUT_PRICE: setting({
      schema: priceInUsd,
      default: "2",
      meaning: "Likewise of a million tokens written.",
    }),
  },
  "Messenger (Meta)": {
    GRAPH_BASE_URL: setting({
      schema: webUrl,
      default: "https://graph.facebook.com",
      meaning: "Graph API; in the demonstration, when not set, the simulators.",
    }),
    GRAPH_VERSION: setting({
      schema: z.string().regex(/^v\d+\.\d+$/, "must look like v26.0"),
      default: "v26.0",
      meaning: "Graph API version.",
    }),
    META_APP_ID: setting({
      schema: z.string().regex(/^\d+$/, "must be the number of the app").optional(),
      default: "",
      meaning: "Number of the Meta app.",
    }),
    META_APP_SECRET: setting({
      schema: list,
      default: "",
      isSecret: true,
      meaning: "Its secret; during a rotation both, newest first, with a comma between.",
    }),
    META_VERIFY_TOKEN: setting({
      schema: optionalText,
      default: "",
      isSecret: true,
      meaning: "What Meta must repeat when the webhook address is set.",
    }),
    META_LOGIN_URL: setting({
      schema: webUrl,
      default: "https://www.facebook.com",
      meaning: "Where owners sign in to connect a Page; in the demonstration, when not set, the simulators.",
    }),
    META_LOGIN_CONFIG_ID: setting({
      schema: z.string().regex(/^\d+$/, "must be the number of the configuration").optional(),
      default: "",
      meaning: "Configuration of Facebook Login for Business. Empty: the permissions are asked for by name.",
    }),
    ATTACHMENT_HOSTS: setting({
      schema: attachmentHosts,
      default: "fbcdn.net,fbsbx.com",
      meaning: "Customers' pictures are fetched from these hosts and those below them, from nowhere else.",
    }),
  },
  "Push (Firebase Cloud Messaging)": {
    FCM_PROJECT_ID: setting({
      schema: optionalText,
      default: "",
      meaning: "Empty: no push, but in the demonstration.",
    }),
    FCM_CLIENT_EMAIL: setting({ schema: optionalText, default: "", meaning: "Service account." }),
    FCM_PRIVATE_KEY: setting({
      schema: privateKey.optional(),
      default: "",
      isSecret: true,
      meaning: "Its private key.",
    }),
    FCM_BASE_URL: setting({
      schema: webUrl,
      default: "https://fcm.googleapis.com",
      meaning: "FCM's address; in the demonstration, when not set, the simulators.",
    }),
    FCM_TOKEN_URL: setting({
      schema: webUrl,
      default: "https://oauth2.googleapis.com/token",
      meaning: "Where its access tokens come from; likewise.",
    }),
  },
  "Payment gateways": {
    KBZPAY_BASE_URL: setting({
      schema: webUrl,
      default: "https://api.kbzpay.com/payment/gateway",
      meaning: "KBZPay's gateway; in the demonstration, when not set, the simulators.",
    }),
    KBZPAY_APP_ID: setting({
      schema: optionalText,
      default: "",
      meaning:
        "The platform's own account there, into which owners pay plans and credits by code. Empty: by transfer only.",
    }),
    KBZPAY_MERCHANT_CODE: setting({ schema: optionalText, default: "", meaning: "Its merchant code." }),
    KBZPAY_MERCHANT_KEY: setting({
      schema: optionalText,
      default: "",
      isSecret: true,
      meaning: "The key that signs for it.",
    }),
  },
  "Invoices to owners": invoiceSettings,
  "Mail (SMTP)": {
    SMTP_URL: setting({
      schema: smtpUrl.optional(),
      default: "",
      isSecret: true,
      meaning:
        "smtps://user:password@host:465, or smtp:// with STARTTLS. Empty: mails wait, but in the demonstration.",
    }),
    MAIL_FROM: setting({
      schema: z.string().regex(/^[^\r\n]*@[^\r\n]+$/, "must be an address, with or without a name"),
      default: "Shopthread <no-reply@shopthread.example>",
      meaning: "Sender of mails to accounts.",
    }),
    SHOPTHREAD_SUPPORT_EMAIL: setting({
      schema: z
        .string()
        .regex(/^[^\s@]+@[^\s@]+$/, "must be an address")
        .optional(),
      default: "",
      meaning: "Address of the support, which every mail names. Empty: none.",
    }),
  },
  "TLS (1.3, on every way that leaves this machine)": tlsSettings,
  "Processors (who gets data from us, under which terms)": processorSettings,
  "Keyring (only when it is a process of its own)": {
    KEYRING_URL: setting({
      schema: webUrl.optional(),
      default: "",
      meaning: "Address of the keyring's process. Empty: the keyring runs inside api and worker.",
    }),
    KEYRING_TOKEN: setting({
      schema: z.string().min(32, "must have at least 32 characters").optional(),
      default: "",
      isSecret: true,
      meaning: "Secret that the keyring and those who ask it share.",
    }),
    KEYRING_PORT: setting({ schema: port, default: "3405", meaning: "Where the keyring's process listens." }),
  },
  "Traces (OpenTelemetry)": {
    OTEL_EXPORTER_OTLP_ENDPOINT: setting({
      schema: webUrl.optional(),
      default: "",
      meaning: "A collector that takes OTLP over HTTP, such as http://127.0.0.1:4318. Empty: no traces.",
    }),
    OTEL_EXPORTER_OTLP_HEADERS: setting({
      schema: headerList,
      default: "",
      isSecret: true,
      meaning: "Sent with them, such as a token: name=value, a comma between.",
    }),
    OTEL_TRACES_SAMPLER: setting({
      schema: z.enum(samplers, `must be one of ${samplers.join(", ")}`),
      default: "parentbased_always_on",
      meaning: "Which traces are kept; a ratio keeps or leaves out all of a customer's messages together.",
    }),
    OTEL_TRACES_SAMPLER_ARG: setting({
      schema: z
        .string()
        .regex(/^(?:0?\.\d+|[01](?:\.0*)?)$/, "must be a number from 0 to 1")
        .transform(Number),
      default: "1",
      meaning: "The share that a ratio keeps, from 0 to 1.",
    }),
  },
  "Simulators (set by npm start; only for --only sim)": simSettings,
};
