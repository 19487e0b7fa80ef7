import { mkdtemp, rm } from "node:fs/promises";
import { createServer as createHttpsServer } from "node:https";
import { connect as connectTcp, createServer as createTcpServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import tls from "node:tls";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { randomBytes } from "node:crypto";

import { createEgress } from "../../clients/egress.ts";
import { createRemoteKeyring } from "../../clients/remote-keyring.ts";
import { openDatabase } from "../../db/connection.ts";
import { startApi } from "../../runtime/api.ts";
import { readConfig } from "../../runtime/config.ts";
import { startKeyring } from "../../runtime/keyring.ts";
import { startMetricsServer } from "../../runtime/metrics-server.ts";
import { connectTemporal } from "../../runtime/temporal-client.ts";
import { demandTls13, keyringTls, serverTls, temporalTls } from "../../runtime/tls.ts";
import { createAuthority, writePem } from "../support/certificates.ts";
import type { Authority, Pem } from "../support/certificates.ts";
import { listenWith, runAs, startTlsFront, turnTlsOn } from "../support/tls-servers.ts";
import { startOwnPostgres } from "../support/own-postgres.ts";
import { temporalNamespace } from "../support/temporal.ts";
import { createTestDatabase } from "../support/test-database.ts";
import type { TestDatabase } from "../support/test-database.ts";

let authority: Authority;
let stranger: Authority;
/** Paths. */
let server: Pem;
let client: Pem;
let caPath: string;
let otherCaPath: string;
let folder: string;
let database: TestDatabase;

beforeAll(async () => {
  demandTls13();
  folder = await mkdtemp(join(tmpdir(), "shopthread-tls-"));
  [authority, stranger] = await Promise.all([createAuthority("Ours"), createAuthority("Theirs")]);
  server = await writePem(folder, "server", await authority.issue("server"));
  client = await writePem(folder, "client", await authority.issue("client"));
  caPath = (await writePem(folder, "ca", authority)).cert;
  otherCaPath = (await writePem(folder, "other", stranger)).cert;
  database = await createTestDatabase();
});
afterAll(async () => {
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});

function configWith(more: Record<string, string>) {
  const temporal = temporalNamespace();
  return readConfig({
    SHOPTHREAD_HOME: folder,
    SHOPTHREAD_DEMO: "off",
    SHOPTHREAD_PORT: "0",
    SHOPTHREAD_PUBLIC_URL: "https://shop.example",
    SHOPTHREAD_LOG_LEVEL: "error",
    DATABASE_URL_API: database.urls.api,
    DATABASE_URL_WORKER: database.urls.worker,
    DATABASE_URL_ADMIN: database.urls.admin,
    DATABASE_URL_SYSTEM: database.urls.system,
    DATABASE_URL_KEYRING: database.urls.keyring,
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_NAMESPACE: temporal.namespace,
    OPENAI_BASE_URL: "http://127.0.0.1:9/v1",
    GRAPH_BASE_URL: "http://127.0.0.1:9",
    ATTACHMENT_HOSTS: "127.0.0.1:9",
    META_APP_ID: "1",
    META_APP_SECRET: "secret",
    META_VERIFY_TOKEN: "verify",
    SHOPTHREAD_TLS_CERT: server.cert,
    SHOPTHREAD_TLS_KEY: server.key,
    ...more,
  });
}

const tls12 = { minVersion: "TLSv1.2", maxVersion: "TLSv1.2" } as const;

type Handshake = { protocol: string | null; cipher: string };
/** With a port of this machine; rejects when it does not come about. */
function shakeHands(port: number, options: tls.ConnectionOptions): Promise<Handshake> {
  return new Promise((resolve, reject) => {
    const socket = tls.connect({ host: "127.0.0.1", port, ca: authority.cert, ...options }, () => {
      resolve({ protocol: socket.getProtocol(), cipher: socket.getCipher().standardName });
      socket.destroy();
    });
    socket.on("error", reject);
  });
}

/** What comes back for a request in plain text; empty when the connection just ends. */
function askPlainly(port: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = connectTcp(port, "127.0.0.1", () =>
      socket.write("GET /health/live HTTP/1.1\r\nhost: x\r\n\r\n"),
    );
    let text = "";
    socket.on("data", (chunk) => (text += chunk.toString("latin1")));
    socket.on("error", () => resolve(text)).on("close", () => resolve(text));
  });
}

function hasCode(code: RegExp) {
  return { code: expect.stringMatching(code) as string };
}

async function expectTls13Only(port: number, options: tls.ConnectionOptions = {}): Promise<void> {
  expect(await shakeHands(port, options)).toEqual({
    protocol: "TLSv1.3",
    cipher: "TLS_AES_256_GCM_SHA384",
  });
  const old = { ...options, ...tls12 };
  await expect(shakeHands(port, old)).rejects.toMatchObject(hasCode(/PROTOCOL_VERSION/u));
  const weak = { ...options, ciphers: "TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256" };
  await expect(shakeHands(port, weak)).rejects.toMatchObject(hasCode(/HANDSHAKE_FAILURE/u));
  await expect(shakeHands(port, { ...options, ca: stranger.cert })).rejects.toThrow(/certificate/u);
  expect(await askPlainly(port)).not.toContain("live");
}

describe("P:MIK-40 our ports", () => {
  test("the API's speaks TLS 1.3 with AES-256-GCM, and nothing else", async () => {
    const api = await startApi(configWith({}));
    onTestFinished(() => api.stop());
    await expectTls13Only(api.port);
  });

  test("that of the worker's metrics likewise", async () => {
    const metrics = await startMetricsServer({
      host: "127.0.0.1",
      port: 0,
      tls: serverTls(configWith({})),
      render: () => Promise.resolve(""),
    });
    onTestFinished(() => metrics.close());
    await expectTls13Only(metrics.port);
  });

  test("the keyring's besides wants a certificate of who asks", async () => {
    const token = randomBytes(32).toString("hex");
    const secure = { KEYRING_TLS_CA: caPath, KEYRING_TLS_CERT: client.cert, KEYRING_TLS_KEY: client.key };
    const config = configWith({ ...secure, KEYRING_TOKEN: token, KEYRING_PORT: "0" });
    const keyring = await startKeyring(config);
    onTestFinished(() => keyring.stop());
    const ours = keyringTls(config);
    await expectTls13Only(keyring.port, { cert: ours?.cert, key: ours?.key });

    const baseUrl = `https://127.0.0.1:${keyring.port}`;
    const ask = (more: object) => createRemoteKeyring({ baseUrl, token, ...more }).indexKey("platform");
    expect(await ask({ tls: ours })).toHaveLength(32);
    const away = { code: "keyring.away" };
    await expect(ask({ tls: { ca: Buffer.from(authority.cert) } })).rejects.toMatchObject(away);
    const { cert, key } = await stranger.issue("client");
    await expect(ask({ tls: { ca: Buffer.from(authority.cert), cert, key } })).rejects.toMatchObject(away);
    await expect(ask({ tls: ours && { ...ours, ca: Buffer.from(stranger.cert) } })).rejects.toMatchObject(
      away,
    );
  });

  test("none is open to others in plain text", () => {
    const plain = { SHOPTHREAD_TLS_CERT: "", SHOPTHREAD_TLS_KEY: "", SHOPTHREAD_HOST: "0.0.0.0" };
    expect(() => configWith(plain)).toThrow("SHOPTHREAD_TLS_CERT: is needed to listen on 0.0.0.0");
    expect(configWith({ ...plain, SHOPTHREAD_TRUSTED_PROXIES: "1" }).SHOPTHREAD_HOST).toBe("0.0.0.0");
    const far = { KEYRING_URL: "http://keyring:3405", KEYRING_TOKEN: "x".repeat(32) };
    expect(() => configWith(far)).toThrow("KEYRING_TLS_CA: is needed, and https");
  });
});

describe("P:MIK-40 the way to PostgreSQL", () => {
  test("is verified beyond this machine, whatever its address says", () => {
    const urls = configWith({
      DATABASE_CA: caPath,
      DATABASE_URL_API: "postgres://a:b@db.example/shop?sslmode=disable",
    });
    const { searchParams } = new URL(urls.DATABASE_URL_API ?? "");
    expect(Object.fromEntries(searchParams)).toEqual({ sslmode: "verify-full", sslrootcert: caPath });
    const system = configWith({ DATABASE_URL_API: "postgres://a:b@db.example/shop" });
    expect(system.DATABASE_URL_API).toContain("sslmode=verify-full");
    expect(configWith({}).DATABASE_URL_API, "the embedded one").toBe(database.urls.api);
  });

  test("is TLS 1.3 with a server that shows the right certificate, and no way else", async () => {
    const own = await startOwnPostgres();
    const urlWith = (ca: string) =>
      configWith({ DATABASE_URL_API: own.database.urls.api, DATABASE_CA: ca }).DATABASE_URL_API ?? "";
    await expect(reach(urlWith(caPath)), "a server without TLS").rejects.toThrow("does not support SSL");

    await turnTlsOn(own.database, await authority.issue("postgres"));
    expect(await whenReached(urlWith(caPath))).toEqual({ version: "TLSv1.3", bits: 256 });
    await expect(reach(urlWith(otherCaPath))).rejects.toThrow(/certificate|self-signed/u);

    const { owner } = own.database.urls;
    await runAs(owner, "alter system set ssl_min_protocol_version = 'TLSv1.2'");
    await runAs(owner, "alter system set ssl_max_protocol_version = 'TLSv1.2'");
    await runAs(owner, "select pg_reload_conf()");
    await expect.poll(() => failureOf(urlWith(caPath)), { timeout: 10_000 }).toMatch(/version|protocol/iu);
  }, 60_000);
});

async function reach(url: string): Promise<{ version: string; bits: number }> {
  const db = openDatabase({ url, maxConnections: 1, name: "tls" });
  try {
    await db.ping();
  } catch (error) {
    throw error instanceof Error && error.cause instanceof Error ? error.cause : error;
  } finally {
    await db.close();
  }
  const one = new Client({ connectionString: url });
  await one.connect();
  const { rows } = await one.query<{ version: string; bits: number }>(
    "select version, bits from pg_stat_ssl where pid = pg_backend_pid()",
  );
  await one.end();
  const [row] = rows;
  if (row === undefined) throw new Error("no connection is seen");
  return row;
}

/** The server takes a new setting a moment after it was told. */
async function whenReached(url: string): Promise<unknown> {
  let seen: unknown;
  await expect
    .poll(async () => (seen = await reach(url).catch(() => undefined)), { timeout: 10_000 })
    .toBeDefined();
  return seen;
}

async function failureOf(url: string): Promise<string> {
  return reach(url).then(
    () => "",
    (error: unknown) => String(error),
  );
}

describe("P:MIK-40 the way to Temporal", () => {
  test("is verified on both ends, and plain on this machine only", async () => {
    const { address, namespace } = temporalNamespace();
    const front = await startTlsFront(address, authority);
    const old = await startTlsFront(address, authority, tls12);
    const secure = { TEMPORAL_TLS_CA: caPath, TEMPORAL_TLS_CERT: client.cert, TEMPORAL_TLS_KEY: client.key };
    const reaches = async (port: number, more: Record<string, string>) => {
      const config = configWith({ TEMPORAL_ADDRESS: `127.0.0.1:${port}`, ...more });
      const temporal = connectTemporal({
        address: `127.0.0.1:${port}`,
        namespace,
        dataConverter: {},
        tls: temporalTls(config),
      });
      const isReached = await temporal.ping().then(
        () => true,
        () => false,
      );
      await temporal.close();
      return isReached;
    };
    expect(await reaches(front, secure)).toBe(true);
    const others = [
      reaches(front, { ...secure, TEMPORAL_TLS_CA: otherCaPath }), // another authority
      reaches(front, { TEMPORAL_TLS_CA: caPath }), // no certificate of ours
      reaches(front, {}), // in plain text
      reaches(old, secure), // TLS 1.2
    ];
    expect(await Promise.all(others)).toEqual([false, false, false, false]);
    expect(temporalTls(configWith({ TEMPORAL_ADDRESS: "temporal:7233" }))).toEqual({});
    expect(temporalTls(configWith({}))).toBeUndefined();
  });
});

describe("P:MIK-40 the way to processors", () => {
  test("is TLS 1.3; a listed provider that cannot do it may speak 1.2", async () => {
    const { cert, key } = await authority.issue("provider");
    const answer = createHttpsServer({ cert, key, ...tls12 }, (req, res) => {
      req.resume().on("end", () => res.writeHead(201, { "x-seen": req.method ?? "" }).end("ok"));
    });
    const host = `127.0.0.1:${await listenWith(answer)}`;
    const egressWith = (tls12Hosts: string[]) =>
      createEgress({
        register: [{ name: "kbzpay", hosts: [host], terms: null }],
        clock: { now: () => new Date() },
        tls12Hosts,
      });
    const call = (egress: ReturnType<typeof egressWith>) =>
      egress.fetch("kbzpay", `https://${host}/pay`, { method: "POST", body: JSON.stringify({ a: 1 }) });
    const refused = await call(egressWith([])).catch((error: unknown) => (error as Error).cause);
    expect(refused).toMatchObject(hasCode(/PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL/u));

    trust(stranger);
    await expect(call(egressWith([host])), "an exception is verified all the same").rejects.toThrow(
      "fetch failed",
    );
    trust(authority);
    const answered = await call(egressWith([host]));
    expect([answered.status, answered.headers.get("x-seen"), await answered.text()]).toEqual([
      201,
      "POST",
      "ok",
    ]);
  });
});

/** Instead of the system's list. */
function trust({ cert }: Authority): void {
  const context = tls.createSecureContext;
  tls.createSecureContext = (options) => context({ ca: cert, ...options });
  onTestFinished(() => void (tls.createSecureContext = context));
}

test("a broken file of TLS is named", () => {
  expect(() => serverTls(configWith({ SHOPTHREAD_TLS_KEY: "/nowhere.key" }))).toThrow("/nowhere.key");
});

// A tcp server that speaks no TLS at all, so that a plain answer would be seen.
test("the look for plain text finds it", async () => {
  const port = await listenWith(createTcpServer((socket) => socket.end("HTTP/1.1 200 OK\r\n\r\nlive")));
  expect(await askPlainly(port)).toContain("live");
});
