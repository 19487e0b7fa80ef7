import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { z } from "zod";
import { AppError } from "../domain/app-error.ts";
import { isLoopback } from "../domain/privacy/processors.ts";
import type { ProcessorName } from "../domain/privacy/processors.ts";
import type { PartName } from "./parts.ts";
import { readProcessors } from "./processors.ts";
import { settingGroups } from "./settings.ts";
import { findTlsProblems, verifiedDatabaseUrls } from "./tls-problems.ts";

type Union<T> = T extends unknown ? (value: T) => void : never;
type Intersection<T> = Union<T> extends (value: infer All) => void ? All : never;
type Settings = Intersection<(typeof settingGroups)[keyof typeof settingGroups]>;
type SettingName = keyof Settings;
type Parsed = { [Name in SettingName]: z.output<Settings[Name]["schema"]> };

/** What is decided where a setting is absent. */
type Completed = { SHOPTHREAD_TEMPORAL_UI_PORT: number; isDemo: boolean; requiresSecondFactor: boolean };

/** All settings, parsed once; named as in the environment. `SHOPTHREAD_HOME` is absolute. */
export type Config = Omit<Parsed, keyof Completed> & Completed;

export const checkoutFolder = fileURLToPath(new URL("..", import.meta.url));

/** Throws one `AppError` that names every broken setting, and what `part` lacks of the outside. */
export function readConfig(env: NodeJS.ProcessEnv, part: PartName | "all" = "all"): Config {
  const problems: Problem[] = [];
  const parsed: Record<string, unknown> = {};
  for (const [name, setting] of listSettings()) {
    const given = env[name] || setting.default || undefined;
    const result = setting.schema.safeParse(given);
    if (result.success) parsed[name] = result.data;
    else problems.push({ name, text: describeIssue(result.error, setting.isSecret ? undefined : given) });
  }
  const config = completeConfig(parsed as Parsed); // handed out only when every setting was parsed
  const broken = new Set(problems.map((problem) => problem.name));
  problems.push(...findContradictions(config, part).filter(({ name }) => !broken.has(name)));
  if (problems.length === 0 && facesOutside(part)) {
    problems.push(...findTlsProblems(config));
    problems.push(...findLackingAgreements(config, { env, part }));
  }
  if (problems.length > 0) throw brokenSettings(problems);
  return config;
}

export type Demanded<Name extends keyof Config> = Config & { [N in Name]-?: NonNullable<Config[N]> };

/** The same config with these settings present; else one message that names all that `part` lacks. */
export function demandSettings<Name extends SettingName>(
  config: Config,
  part: string,
  names: Name[],
): Demanded<Name> {
  const missing = names.filter((name) => isAbsent(config[name]));
  if (missing.length > 0)
    throw brokenSettings(missing.map((name) => ({ name, text: `is needed to run ${part}` })));
  return config as Demanded<Name>; // just checked
}

/** Reads `.env` of the checkout, if there is one; what the environment holds already wins. */
export function loadEnvFile(folder = checkoutFolder): void {
  const path = join(folder, ".env");
  if (existsSync(path)) process.loadEnvFile(path);
}

/** The text of `.env.example`. */
export function renderEnvExample(): string {
  const lines = [
    "# Every setting, with its default and its meaning. Copy to .env what you change; the environment wins over .env.",
  ];
  for (const [group, settings] of Object.entries(settingGroups)) {
    lines.push("", `## ${group}`);
    for (const [name, setting] of Object.entries(settings))
      lines.push(`# ${setting.meaning}`, `# ${name}=${setting.default}`);
  }
  return `${lines.join("\n")}\n`;
}

type AnySetting = { schema: z.ZodType; default: string; isSecret: boolean };
type Problem = { name: string; text: string };

function listSettings(): [string, AnySetting][] {
  return Object.values(settingGroups).flatMap((group) => Object.entries<AnySetting>(group));
}

/** A broken SHOPTHREAD_DEMO counts as on, so that nothing is demanded of who may not have meant to turn it off. */
function completeConfig(parsed: Parsed): Config {
  const home = resolve(checkoutFolder, parsed.SHOPTHREAD_HOME);
  const isAuto = parsed.SHOPTHREAD_DEMO === "auto";
  const isDemo = isAuto ? !parsed.META_APP_SECRET?.length : parsed.SHOPTHREAD_DEMO !== "off";
  const factor = parsed.SHOPTHREAD_REQUIRE_SECOND_FACTOR;
  const requiresSecondFactor = factor === "auto" ? !isDemo : factor === "on";
  const uiPort = parsed.SHOPTHREAD_TEMPORAL_UI_PORT ?? (parsed.SHOPTHREAD_TEMPORAL_PORT === 0 ? 0 : 3403);
  return {
    ...parsed,
    ...verifiedDatabaseUrls(parsed),
    SHOPTHREAD_HOME: home,
    SHOPTHREAD_TEMPORAL_UI_PORT: uiPort,
    isDemo,
    requiresSecondFactor,
  };
}

/** The keyring talks to nobody but its database. */
function facesOutside(part: PartName | "all"): boolean {
  return part !== "keyring" && part !== "sim";
}

function findContradictions(config: Config, part: PartName | "all"): Problem[] {
  return [
    ...allOrNone(config, ["FCM_PROJECT_ID", "FCM_CLIENT_EMAIL", "FCM_PRIVATE_KEY"]),
    ...allOrNone(config, ["KBZPAY_APP_ID", "KBZPAY_MERCHANT_CODE", "KBZPAY_MERCHANT_KEY"]),
    // A part alone demands its own: nobody but the keyring has the login that reads keys.
    ...(part === "all" ? allOrNone(config, databaseLogins) : []),
    ...allOrNone(config, ["SHOPTHREAD_TLS_CERT", "SHOPTHREAD_TLS_KEY"]),
    ...allOrNone(config, ["TEMPORAL_TLS_CERT", "TEMPORAL_TLS_KEY"]),
    ...allOrNone(config, ["KEYRING_TLS_CA", "KEYRING_TLS_CERT", "KEYRING_TLS_KEY"]),
    ...(config.KEYRING_URL === undefined ? [] : allOrNone(config, ["KEYRING_URL", "KEYRING_TOKEN"])),
    ...findSharedPorts(config),
    ...(config.isDemo || !facesOutside(part) ? [] : findLackingOutside(config, part)),
  ];
}

export const databaseLogins = [
  "DATABASE_URL_API",
  "DATABASE_URL_WORKER",
  "DATABASE_URL_ADMIN",
  "DATABASE_URL_SYSTEM",
  "DATABASE_URL_KEYRING",
] as const;

function allOrNone(config: Config, names: readonly SettingName[]): Problem[] {
  const missing = names.filter((name) => config[name] === undefined);
  if (missing.length === names.length) return [];
  const given = names.find((name) => config[name] !== undefined);
  return missing.map((name) => ({ name, text: `is missing, but ${given} is set` }));
}

function findSharedPorts(config: Config): Problem[] {
  const names = [
    "SHOPTHREAD_PORT",
    "SHOPTHREAD_SIM_PORT",
    "SHOPTHREAD_SIM_MAIL_PORT",
    "SHOPTHREAD_TEMPORAL_PORT",
    "SHOPTHREAD_TEMPORAL_UI_PORT",
    "SHOPTHREAD_POSTGRES_PORT",
    "SHOPTHREAD_WORKER_METRICS_PORT",
  ] as const;
  return names.flatMap((name, index) => {
    const other = names
      .slice(0, index)
      .find((earlier) => isFixedPort(config[name]) && config[earlier] === config[name]);
    return other ? [{ name, text: `is ${config[name]}, as ${other} is already` }] : [];
  });
}

function isFixedPort(port: number | "off"): boolean {
  return port !== "off" && port !== 0;
}

function findLackingOutside(config: Config, part: PartName | "all"): Problem[] {
  const text = "is needed when the demonstration is off";
  const names = ["META_APP_ID", "META_APP_SECRET", "META_VERIFY_TOKEN"] as const;
  const problems: Problem[] = names.filter((name) => isAbsent(config[name])).map((name) => ({ name, text }));
  if (part === "api") return problems; // the worker alone asks the model
  if (config.OPENAI_API_KEY === undefined && isDefault("OPENAI_BASE_URL", config.OPENAI_BASE_URL))
    problems.push({ name: "OPENAI_API_KEY", text: `${text} (or OPENAI_BASE_URL)` });
  return problems;
}

/** By which settings a processor takes the place of its simulator in the demonstration. */
const namedBy: Record<ProcessorName, SettingName[]> = {
  meta: ["GRAPH_BASE_URL"],
  model: ["OPENAI_API_KEY", "OPENAI_BASE_URL"],
  push: ["FCM_PROJECT_ID"],
  mail: ["SMTP_URL"],
  kbzpay: ["KBZPAY_BASE_URL"],
  traces: ["OTEL_EXPORTER_OTLP_ENDPOINT"],
};

/** Who gets data from the first message on must be under agreement; whose ends later gets nothing from then on. */
function findLackingAgreements(
  config: Config,
  { env, part }: { env: NodeJS.ProcessEnv; part: PartName | "all" },
): Problem[] {
  const isNamed = (name: ProcessorName) =>
    namedBy[name].some((setting) => env[setting] && !isDefault(setting, env[setting]));
  const isUsed = (name: ProcessorName) => {
    if (config.isDemo) return part === "all" && isNamed(name);
    return name !== "kbzpay" || config.KBZPAY_APP_ID !== undefined;
  };
  return readProcessors(config)
    .filter(({ name, hosts, terms }) => terms === null && isUsed(name) && !isLoopback(hosts[0] ?? ""))
    .map(({ name, hosts: [host] }) => ({
      name: `PROCESSOR_${name.toUpperCase()}`,
      text: `is needed for ${host}: what was agreed with who runs it, or off`,
    }));
}

function isDefault(name: SettingName, value: unknown): boolean {
  return listSettings().some(([other, setting]) => other === name && setting.default === value);
}

function isAbsent(value: unknown): boolean {
  return value === undefined || (Array.isArray(value) && value.length === 0);
}

function describeIssue(error: z.ZodError, given: string | undefined): string {
  const shown = given === undefined ? "" : ` (it is ${JSON.stringify(given)})`;
  return `${error.issues[0]?.message ?? "is wrong"}${shown}`;
}

function brokenSettings(problems: Problem[]): AppError {
  const head = problems.length === 1 ? "A setting is wrong:" : `${problems.length} settings are wrong:`;
  const lines = problems.map(({ name, text }) => `  ${name}: ${text}`);
  const message = [head, ...lines, "Every setting is explained in .env.example."].join("\n");
  return new AppError("invalid", "runtime.broken_settings", { internal: message, public: message });
}
