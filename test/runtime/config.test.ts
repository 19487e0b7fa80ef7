import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { AppError } from "../../domain/app-error.ts";
import { takeSecretFiles } from "../../runtime/secret-files.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { settingsOf } from "../support/worker-process.ts";
import { invoicingOf } from "../../runtime/invoicing.ts";
import { checkoutFolder, demandSettings, readConfig, renderEnvExample } from "../../runtime/config.ts";

test("reports every broken setting in one message, without showing secrets", () => {
  const message = refusal(() =>
    readConfig({
      SHOPTHREAD_PORT: "web",
      SHOPTHREAD_SIM_PORT: "3402",
      DATABASE_URL: "mysql://shop:hunter2@host/db",
      GRAPH_VERSION: "26",
      FCM_PROJECT_ID: "demo",
      SHOPTHREAD_DEMO: "off",
    }),
  );
  expect(
    message
      .split("\n")
      .slice(1, -1)
      .map((line) => line.trim().split(":")[0]),
  ).toEqual([
    "SHOPTHREAD_PORT",
    "DATABASE_URL",
    "GRAPH_VERSION",
    "FCM_CLIENT_EMAIL",
    "FCM_PRIVATE_KEY",
    "SHOPTHREAD_TEMPORAL_PORT",
    "META_APP_ID",
    "META_APP_SECRET",
    "META_VERIFY_TOKEN",
    "OPENAI_API_KEY",
  ]);
  expect(message).toContain('"web"');
  expect(message).not.toContain("hunter2");
});

test("complains of nothing else when it is not known whether this is a demonstration", () => {
  const message = refusal(() => readConfig({ SHOPTHREAD_DEMO: "yes" }));
  expect(message).toContain('SHOPTHREAD_DEMO: must be auto, on or off (it is "yes")');
  expect(message).not.toContain("when the demonstration is off");
});

test("takes every default when nothing is set, and is a demonstration then", () => {
  const config = readConfig({ SHOPTHREAD_PORT: "" });
  expect(config).toMatchObject({ SHOPTHREAD_PORT: 3400, isDemo: true, META_APP_SECRET: [] });
  expect(config.SHOPTHREAD_HOME).toBe(join(checkoutFolder, ".shopthread"));
});

test("the web pages of Temporal take any free port where the server takes one", () => {
  const uiPort = (env: NodeJS.ProcessEnv) => readConfig(env).SHOPTHREAD_TEMPORAL_UI_PORT;
  expect(uiPort({})).toBe(3403);
  expect(uiPort({ SHOPTHREAD_TEMPORAL_PORT: "0" })).toBe(0);
  expect(uiPort({ SHOPTHREAD_TEMPORAL_PORT: "0", SHOPTHREAD_TEMPORAL_UI_PORT: "3500" })).toBe(3500);
});

const real = {
  META_APP_ID: "1",
  META_APP_SECRET: "new, old",
  META_VERIFY_TOKEN: "token",
  OPENAI_API_KEY: "key",
  PROCESSOR_META: "provider=Meta, region=US, transfer=standard_clauses, agreed=2026-01-01",
  PROCESSOR_MODEL: "provider=OpenAI, region=US, transfer=standard_clauses, agreed=2026-01-01",
};

test("is no demonstration once there is a Meta app", () => {
  expect(readConfig(real)).toMatchObject({ isDemo: false, META_APP_SECRET: ["new", "old"] });
});

test("asks for the agreement with every processor beyond this machine, in the demonstration for those it is given", () => {
  const { PROCESSOR_META: _meta, PROCESSOR_MODEL: _model, ...bare } = real;
  const asked = (env: NodeJS.ProcessEnv) =>
    [...refusal(() => readConfig(env)).matchAll(/PROCESSOR_\w+/gu)].map(String);
  const more = { SMTP_URL: "smtps://mail.example:465", OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:4318" };
  expect(asked({ ...bare, ...more })).toEqual(["PROCESSOR_META", "PROCESSOR_MODEL", "PROCESSOR_MAIL"]);
  expect(asked({ OPENAI_API_KEY: "key" })).toEqual(["PROCESSOR_MODEL"]);
  expect(asked({ ...real, PROCESSOR_META: "Meta" })).toEqual(["PROCESSOR_META"]);
  expect(readConfig({ OPENAI_API_KEY: "key", PROCESSOR_MODEL: "off" })).toMatchObject({
    PROCESSOR_MODEL: "off",
  });
  expect(readConfig({}).isDemo).toBe(true);
});

test("a part alone is asked only for what it needs itself", () => {
  const database = { DATABASE_URL_KEYRING: "postgres://a:b@127.0.0.1/x" };
  expect(readConfig({ SHOPTHREAD_DEMO: "off", ...database }, "keyring").isDemo).toBe(false);
  expect(refusal(() => readConfig({ SHOPTHREAD_DEMO: "off", ...database }))).toContain("DATABASE_URL_API");
  expect(refusal(() => readConfig({ SHOPTHREAD_DEMO: "off" }, "api"))).not.toContain("OPENAI_API_KEY");
  expect(refusal(() => readConfig({ SHOPTHREAD_DEMO: "off" }, "worker"))).toContain("OPENAI_API_KEY");
});

test("a secret may stand in a file, and the environment wins over it", async () => {
  const folder = await tempFolder();
  const path = join(folder, "smtp_url");
  await writeFile(path, "smtps://mail.example:465\n");
  const env: NodeJS.ProcessEnv = { SMTP_URL_FILE: path, KEYRING_TOKEN: "t", KEYRING_TOKEN_FILE: path };
  takeSecretFiles(env);
  expect(env).toEqual({ SMTP_URL: "smtps://mail.example:465", KEYRING_TOKEN: "t" });
  expect(() => takeSecretFiles({ SMTP_URL_FILE: join(folder, "nowhere") })).toThrow("SMTP_URL_FILE");
});

test("M:MIKY-61 demands a second factor outside the demonstration, unless it is told otherwise", () => {
  const demands = (more: object) => readConfig({ ...real, ...more }).requiresSecondFactor;
  expect([demands({}), demands({ SHOPTHREAD_DEMO: "on" })]).toEqual([true, false]);
  const told = (value: string) => demands({ SHOPTHREAD_DEMO: "on", SHOPTHREAD_REQUIRE_SECOND_FACTOR: value });
  expect([told("on"), told("off")]).toEqual([true, false]);
});

test("names all settings that a part lacks", () => {
  const message = refusal(() =>
    demandSettings(readConfig({}), "the API", ["DATABASE_URL_API", "META_APP_SECRET", "GRAPH_BASE_URL"]),
  );
  expect(message).toContain("DATABASE_URL_API: is needed to run the API");
  expect(message).toContain("META_APP_SECRET: is needed to run the API");
  expect(message).not.toContain("GRAPH_BASE_URL");
});

test(".env.example lists every setting with its default and its meaning", () => {
  expect(readFileSync(join(checkoutFolder, ".env.example"), "utf8")).toBe(renderEnvExample());
});

function refusal(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof AppError) return error.details.public ?? "";
    throw error;
  }
  throw new Error("nothing was refused");
}

test("settings as they were read are accepted again, so that another process can be given them", () => {
  const config = readConfig({
    OPENAI_INPUT_PRICE: "1.25",
    SHOPTHREAD_SECOND_APPROVAL_ABOVE: "MMK:5,USD:7",
    SHOPTHREAD_SELLER_ADDRESS: "1 Strand Road, Yangon",
    SHOPTHREAD_SELLER_TAX: "7.5 Commercial tax",
  });
  const { ...again } = readConfig(settingsOf(config));
  expect(again).toEqual(config);
});

test("the seller and the tax on invoices are as they are set", () => {
  const seller = { name: "Shopthread", address: null, registration: null };
  expect(invoicingOf(readConfig({}))).toEqual({ seller, tax: null });
  expect(
    invoicingOf(
      readConfig({ SHOPTHREAD_SELLER_NAME: "S & Co.", SHOPTHREAD_SELLER_TAX: "7.5 Commercial tax" }),
    ),
  ).toEqual({ seller: { ...seller, name: "S & Co." }, tax: { label: "Commercial tax", rateBps: 750 } });
  expect(refusal(() => readConfig({ SHOPTHREAD_SELLER_TAX: "VAT 5%" }))).toContain("SHOPTHREAD_SELLER_TAX");
});
