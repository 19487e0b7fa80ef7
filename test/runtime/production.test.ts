import { execFile, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { request } from "node:https";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { parse } from "yaml";

import { currentPolicies } from "../../domain/account/policies.ts";
import { findFreePort } from "../../runtime/free-port.ts";
import { partNames } from "../../runtime/parts.ts";
import { settingGroups } from "../../runtime/settings.ts";
import { createAuthority } from "../support/certificates.ts";
import { eventually } from "../support/eventually.ts";
import { startOwnPostgres } from "../support/own-postgres.ts";
import { startOwnTemporal } from "../support/own-temporal.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { startTlsFront, turnTlsOn } from "../support/tls-servers.ts";

type Service = {
  image: string;
  entrypoint?: string[];
  command?: string[];
  environment?: Record<string, string>;
  env_file?: string[];
  secrets?: string[];
  healthcheck?: { test?: string[] };
  ports?: string[];
};
type Compose = { services: Record<string, Service>; secrets: Record<string, { file: string }> };

const checkout = fileURLToPath(new URL("../..", import.meta.url));
const read = (path: string) => readFileSync(join(checkout, path), "utf8");
const compose = parse(read("docker-compose.yml"), { merge: true }) as Compose;
const dockerfile = read("Dockerfile");
const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
const settings = new Map(Object.values(settingGroups).flatMap((group) => Object.entries(group)));
const services = Object.entries(compose.services);
const ours = services.filter(([, { image }]) => image === "shopthread");

/** As the image runs it. */
function commandOf({ entrypoint, command = [] }: Service): string[] {
  const [, own = "[]"] = /^ENTRYPOINT (.*)$/mu.exec(dockerfile) ?? [];
  return [...(entrypoint ?? (JSON.parse(own) as string[])), ...command];
}

test("every container of ours runs a command that is there, with settings that exist", () => {
  expect(ours.map(([name]) => name).toSorted()).toEqual(["api", "keyring", "migrate", "worker"]);
  for (const [name, service] of ours) {
    const command = commandOf(service);
    if (name === "migrate") expect(command).toEqual(["npm", "run", "migrate"]);
    else expect(command).toEqual(["node", "runtime/start.js", "--only", name]);
    const unknown = Object.keys(service.environment ?? {}).filter((variable) => {
      const of = settings.get(variable.replace(/_FILE$/u, ""));
      return variable.endsWith("_FILE") ? of?.isSecret !== true : of === undefined;
    });
    expect(unknown, name).toEqual([]);
  }
  expect(scripts).toHaveProperty("migrate");
  expect(dockerfile).toContain("RUN npm run bundle -- workflows.bundle.js");
  expect(scripts).toHaveProperty("bundle");
  expect(partNames).toEqual(expect.arrayContaining(["api", "worker", "keyring"]));
  expect(dockerfile).toMatch(/^USER node$/mu);
});

test("no secret stands in the file, and each container is given the ones that it names", () => {
  const isSecret = (variable: string) =>
    settings.get(variable)?.isSecret === true || /PASS|PWD|SECRET|TOKEN|_KEY$/u.test(variable);
  for (const [name, { environment = {}, secrets = [], env_file: files = [] }] of services) {
    const inClear = Object.entries(environment).filter(
      ([variable, value]) => isSecret(variable) && !value.startsWith("/run/secrets/"),
    );
    expect(inClear, name).toEqual([]);
    const named = Object.values(environment).flatMap((value) =>
      [...value.matchAll(/^\/run\/secrets\/(.+)$/gu)].map(([, file]) => file),
    );
    expect(
      named.filter((file) => !secrets.includes(file ?? "")),
      name,
    ).toEqual([]);
    expect(
      secrets.filter((file) => compose.secrets[file] === undefined),
      name,
    ).toEqual([]);
    expect(files.every((file) => file.startsWith("deploy/secrets/"))).toBe(true);
  }
  const kept = Object.values(compose.secrets).map(({ file }) => file);
  expect(kept.every((file) => file.startsWith("deploy/secrets/"))).toBe(true);
  expect(read(".gitignore")).toContain("deploy/secrets/");
  expect(read(".dockerignore")).toContain("deploy/secrets");
});

test("only the keyring has its login and its key files", () => {
  const withLogin = ours.filter(([, { environment = {} }]) => "DATABASE_URL_KEYRING_FILE" in environment);
  expect(withLogin.map(([name]) => name).toSorted()).toEqual(["keyring", "migrate"]);
  const outwards = Object.keys(compose.services["keyring"]?.environment ?? {}).filter((variable) =>
    /META|OPENAI|TEMPORAL|SMTP|FCM/u.test(variable),
  );
  expect(outwards).toEqual([]);
});

type World = { folder: string; ports: Record<"api" | "worker" | "keyring", number>; temporalPort: number };

/** The environment that the file gives a container, on this machine: the same names, other places. */
function environmentOf(name: string, { folder, ports, temporalPort }: World): NodeJS.ProcessEnv {
  const given: Record<string, string> = {
    SHOPTHREAD_PUBLIC_URL: "https://shop.example.com",
    META_APP_ID: "1",
    PROCESSOR_META: "provider=Meta, region=US, transfer=standard_clauses, agreed=2026-01-01",
    PROCESSOR_MODEL: "provider=OpenAI, region=US, transfer=standard_clauses, agreed=2026-01-01",
  };
  const environment = Object.fromEntries(
    Object.entries(compose.services[name]?.environment ?? {}).map(([variable, value]) => [
      variable,
      value
        .replace("/run/secrets/", `${folder}/secrets/`)
        .replace(/^\$\{(\w+):\?\}$/u, (_text, wanted: string) => given[wanted] ?? "")
        .replace("temporal:7233", `localhost:${temporalPort}`)
        .replace("//keyring:3405", `//localhost:${ports.keyring}`),
    ]),
  );
  const places = {
    SHOPTHREAD_HOME: name === "keyring" ? join(folder, "keyring-home") : join(folder, "state"),
    SHOPTHREAD_WORKFLOW_BUNDLE: join(folder, "workflows.bundle.js"),
    SHOPTHREAD_PORT: String(ports.api),
    KEYRING_PORT: String(ports.keyring),
    SHOPTHREAD_LOG_LEVEL: "warn",
    ...(name === "worker" ? { SHOPTHREAD_WORKER_METRICS_PORT: String(ports.worker) } : {}),
  };
  const { PATH, HOME } = process.env;
  return { PATH, HOME, NODE_OPTIONS: "--tls-min-v1.3", ...environment, ...places };
}

const run = promisify(execFile);

test("the same processes with the same settings come up on TLS throughout, and take a sign-up", async () => {
  const folder = await tempFolder();
  const authority = await createAuthority("Ours");
  const [postgres, temporal] = await Promise.all([
    startOwnPostgres(),
    startOwnTemporal({ namespace: "shopthread" }),
  ]);
  await turnTlsOn(postgres.database, await authority.issue("postgres"));
  const [api, worker, keyring] = await Promise.all([
    findFreePort(0, "a"),
    findFreePort(0, "b"),
    findFreePort(0, "c"),
  ]);
  const world: World = {
    folder,
    ports: { api, worker, keyring },
    temporalPort: await startTlsFront(temporal.address, authority),
  };
  await writeSecrets(folder, authority, postgres.database.urls);

  const npm = (...args: string[]) =>
    run("npm", ["run", "--silent", ...args], { cwd: checkout, env: environmentOf("migrate", world) });
  const [migrated] = await Promise.all([
    npm("migrate"),
    npm("bundle", "--", join(folder, "workflows.bundle.js")),
  ]);
  expect(migrated.stdout).toContain("Temporal knows the namespace shopthread.");

  const parts = ["keyring", "api", "worker"] as const;
  const said = parts.map((name) => start(name, environmentOf(name, world)));
  for (const [at, name] of parts.entries()) {
    const check = compose.services[name]?.healthcheck?.test?.slice(1) ?? [];
    await eventually(
      `${name} is healthy`,
      async () => {
        if (said[at]?.hasEnded()) throw new Error(`${name} ended: ${said[at]?.words()}`);
        return run(check[0] ?? "", check.slice(1), { cwd: checkout, env: environmentOf(name, world) }).then(
          () => true,
          () => false,
        );
      },
      60_000,
    );
  }
  const accepted = {
    terms: currentPolicies.terms.version,
    privacy: currentPolicies.privacy.version,
    processingAbroad: currentPolicies.processing_abroad.version,
    adult: currentPolicies.adult.version,
  };
  const account = { email: "a@example.test", password: "seven green umbrellas", accepted, language: "en" };
  // Its address is sealed by the keyring.
  expect(await post(api, authority.cert, "/v1/accounts", account)).toBe(202);
}, 120_000);

async function writeSecrets(
  folder: string,
  authority: Awaited<ReturnType<typeof createAuthority>>,
  urls: Record<string, string>,
): Promise<void> {
  const secrets = join(folder, "secrets");
  await run("mkdir", ["-p", secrets]);
  const pairs = await Promise.all(
    ["server", "client", "keyring"].map(async (name) => [name, await authority.issue(name)] as const),
  );
  const onLocalhost = (name: string) => (urls[name] ?? "").replace("127.0.0.1", "localhost");
  const texts: Record<string, string> = {
    "ca.crt": authority.cert,
    ...Object.fromEntries(
      pairs.flatMap(([name, { cert, key }]) => [
        [`${name}.crt`, cert],
        [`${name}.key`, key],
      ]),
    ),
    database_url: onLocalhost("owner"),
    ...Object.fromEntries(
      ["api", "worker", "admin", "system", "keyring"].map((name) => [
        `database_url_${name}`,
        onLocalhost(name),
      ]),
    ),
    keyring_token: "k".repeat(40),
    meta_app_secret: "secret",
    meta_verify_token: "verify",
    openai_api_key: "sk-test",
  };
  for (const [name, text] of Object.entries(texts)) await writeFile(join(secrets, name), `${text}\n`);
}

function start(name: string, env: NodeJS.ProcessEnv) {
  const [command = "", ...args] = commandOf(compose.services[name] ?? { image: "" });
  const child: ChildProcess = spawn(command, args, { cwd: checkout, env, stdio: ["ignore", "pipe", "pipe"] });
  let words = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk) => (words += String(chunk)));
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  onTestFinished(async () => {
    if (hasEnded()) return;
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
  });
  return { hasEnded, words: () => words };
}

function post(port: number, ca: string, path: string, body: object): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/json" };
    request({ host: "localhost", port, path, method: "POST", ca, headers }, (response) => {
      resolve(response.resume().statusCode ?? 0);
    })
      .on("error", reject)
      .end(JSON.stringify(body));
  });
}
