import { createHash, timingSafeEqual } from "node:crypto";
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import type { Context } from "hono";
import { bodyLimit } from "hono/body-limit";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { z } from "zod";

import { createKeyRotator } from "../clients/key-rotator.ts";
import { createKeyring } from "../clients/keyring.ts";
import {
  asKeyRefs,
  closeEpochRequest,
  countKeysRequest,
  destroyEpochRequest,
  encodeDataKey,
  encodeNewKey,
  indexKeyRequest,
  makeKeysRequest,
  rewrapRequest,
  unwrapRequest,
} from "../clients/keyring-wire.ts";
import { createLogger } from "../clients/log.ts";
import { openKeyRows } from "../db/key-rows.ts";
import { AppError } from "../domain/app-error.ts";
import type { ShopId } from "../domain/id.ts";
import { isLoopback } from "../domain/privacy/processors.ts";
import type { KeyRotator, Keyring } from "../domain/ports/keyring.ts";
import { demandSettings } from "./config.ts";
import type { Config } from "./config.ts";
import type { RunningPart } from "./parts.ts";
import { demandTls13, keyringTls } from "./tls.ts";
import { statePaths } from "./state-paths.ts";

const connections = 5;
const maxBytes = 4 * 1024 * 1024;

/** The keyring as a process of its own: the only one that has the key files and may read wrapped keys. */
export async function startKeyring(given: Config): Promise<RunningPart & { port: number }> {
  const config = demandSettings(given, "the keyring", ["DATABASE_URL_KEYRING", "KEYRING_TOKEN"]);
  const rows = openKeyRows({
    url: config.DATABASE_URL_KEYRING,
    maxConnections: connections,
    name: "keyring",
  });
  const { keyring: folder } = statePaths(config.SHOPTHREAD_HOME);
  const keyring = await createKeyring({ folder, rows });
  const app = createKeyringApp(keyring, config.KEYRING_TOKEN);
  demandTls13();
  addRotation(app, createKeyRotator({ folder, rows: rows.epochs }));
  const { port, close } = await listen(app, config);
  createLogger("keyring", { level: config.SHOPTHREAD_LOG_LEVEL }).info({ port }, "keyring.listening");
  return {
    port,
    stop: async () => {
      await close();
      await rows.close();
    },
  };
}

/** `POST /v1/keys/make`, `/unwrap`, `/index-key`; a bearer token on each. Answers hold keys: never log them. */
export function createKeyringApp(keyring: Keyring, token: string): Hono {
  const app = new Hono();
  app.get("/health/live", (c) => c.text("ok"));
  app.use("/v1/*", bodyLimit({ maxSize: maxBytes }), async (c, next) => {
    if (!isSame(c.req.header("authorization") ?? "", `Bearer ${token}`)) return c.body(null, 401);
    c.header("cache-control", "no-store");
    return next();
  });
  app.post("/v1/keys/make", async (c) => {
    const { refs } = await read(c, makeKeysRequest);
    const keys = await keyring.makeKeys(asKeyRefs(refs));
    return c.json({
      keys: keys.map(({ row, dataKey }) => ({ row: encodeNewKey(row), dataKey: encodeDataKey(dataKey) })),
    });
  });
  app.post("/v1/keys/unwrap", async (c) => {
    const { refs, ids } = await read(c, unwrapRequest);
    const keys = await keyring.unwrap({ refs: asKeyRefs(refs), ids });
    return c.json({ keys: keys.map(encodeDataKey) });
  });
  app.post("/v1/keys/index-key", async (c) => {
    const { scope } = await read(c, indexKeyRequest);
    const key = await keyring.indexKey(scope === "platform" ? scope : (scope as ShopId));
    return c.json({ key: key.toString("base64") });
  });
  app.onError((error, c) => c.body(null, statusOf(error)));
  return app;
}

function statusOf(error: Error): 400 | 409 | 503 {
  if (!(error instanceof AppError)) return 503;
  if (error.code === "key.epoch_in_use") return 409;
  return error.kind === "invalid" ? 400 : 503;
}

/** `POST /v1/keys/close-epoch`, `/rewrap`, `/count`, `/destroy-epoch`, behind the same token. Answers hold no key. */
function addRotation(app: Hono, rotator: KeyRotator): void {
  app.post("/v1/keys/close-epoch", async (c) => {
    const { now } = await read(c, closeEpochRequest);
    return c.json({ epoch: await rotator.closeEpoch(new Date(now)) });
  });
  app.post("/v1/keys/rewrap", async (c) => c.json(await rotator.rewrapKeys(await read(c, rewrapRequest))));
  app.post("/v1/keys/count", async (c) => {
    const { epoch } = await read(c, countKeysRequest);
    return c.json({ count: await rotator.countKeys(epoch) });
  });
  app.post("/v1/keys/destroy-epoch", async (c) => {
    const { epoch, now } = await read(c, destroyEpochRequest);
    await rotator.destroyEpoch(epoch, new Date(now));
    return c.json({});
  });
}

async function read<Schema extends z.ZodType>(c: Context, schema: Schema): Promise<z.output<Schema>> {
  const parsed = schema.safeParse(await c.req.json().catch(() => undefined));
  if (parsed.success) return parsed.data;
  throw new AppError("invalid", "keyring.bad_request", { internal: "a request does not fit its schema" });
}

function isSame(left: string, right: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(left), digest(right));
}

function listen(app: Hono, config: Config): Promise<{ port: number; close(): Promise<void> }> {
  const { SHOPTHREAD_HOST: hostname, KEYRING_PORT: port } = config;
  const tls = keyringTls(config);
  if (tls === undefined && !isLoopback(hostname)) throw plainKeyring(hostname);
  const secure =
    tls === undefined
      ? {}
      : { createServer, serverOptions: { ...tls, requestCert: true, rejectUnauthorized: true } };
  return new Promise((resolve, reject) => {
    const server = serve({ fetch: app.fetch, hostname, port, ...secure }, (info: AddressInfo) =>
      resolve({ port: info.port, close: () => new Promise((closed) => server.close(() => closed())) }),
    );
    server.once("error", reject);
  });
}

/** Keys would cross a network in the clear. */
function plainKeyring(hostname: string): AppError {
  const message = `The keyring listens on ${hostname} with TLS only: set KEYRING_TLS_CA, KEYRING_TLS_CERT and KEYRING_TLS_KEY.`;
  return new AppError("invalid", "keyring.plain_text", { internal: message, public: message });
}
