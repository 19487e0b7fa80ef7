import type { DataConverter } from "@temporalio/common";
import type { Logger } from "pino";

import { createBlindIndexer } from "../clients/blind-indexer.ts";
import { createContainedImageProcessor } from "../clients/contained-images.ts";
import type { Egress } from "../clients/egress.ts";
import { createKeyRotator } from "../clients/key-rotator.ts";
import { createKeyring } from "../clients/keyring.ts";
import { createLogger } from "../clients/log.ts";
import { createObjectStore } from "../clients/object-store.ts";
import { createDataConverter } from "../clients/payload-codec.ts";
import { loadPayloadKeys } from "../clients/payload-keys.ts";
import { createRemoteKeyRotator, createRemoteKeyring } from "../clients/remote-keyring.ts";
import { createSealer } from "../clients/sealer.ts";
import type { CachingSealer } from "../clients/sealer.ts";
import { openDatabase } from "../db/connection.ts";
import type { Database } from "../db/connection.ts";
import { openKeyRows } from "../db/key-rows.ts";
import { openSystemDatabase } from "../db/system-database.ts";
import type { SystemDatabase } from "../db/system-database.ts";
import type { Clock } from "../domain/clock.ts";
import type { ImageProcessor } from "../domain/ports/image-processor.ts";
import type { KeyRotator, Keyring } from "../domain/ports/keyring.ts";
import type { ObjectStore } from "../domain/ports/object-store.ts";
import type { Trace } from "../domain/ports/trace.ts";
import type { BlindIndexer } from "../domain/sealing.ts";
import { demandSettings } from "./config.ts";
import type { Config } from "./config.ts";
import { openEgress, watchEgress } from "./open-egress.ts";
import { openTrace } from "./open-trace.ts";
import { statePaths } from "./state-paths.ts";
import { connectTemporal } from "./temporal-client.ts";
import type { TemporalClient } from "./temporal-client.ts";
import { demandTls13, keyringTls, temporalTls } from "./tls.ts";
import { UndoStack } from "./undo-stack.ts";

/** What API, worker and commands share: the databases, the keys, the objects, Temporal. */
export type Core = {
  config: Config;
  db: Database;
  system: SystemDatabase;
  sealer: CachingSealer;
  keyRotator: KeyRotator;
  blindIndexer: BlindIndexer;
  objects: ObjectStore;
  images: ImageProcessor;
  temporal: TemporalClient;
  dataConverter: DataConverter;
  clock: Clock;
  log: Logger;
  trace: Trace;
  /** The one way out to processors. */
  egress: Egress;
  close(): Promise<void>;
};

/** The keyring's own process if there is one; else the key files and the keyring's login, here. */
async function openKeyring(
  given: Config,
  { name, undo }: { name: string; undo: UndoStack },
): Promise<{ keyring: Keyring; keyRotator: KeyRotator }> {
  const { KEYRING_URL: baseUrl, KEYRING_TOKEN: token } = given;
  if (baseUrl && token) {
    const remote = { baseUrl, token, tls: keyringTls(given) };
    return { keyring: createRemoteKeyring(remote), keyRotator: createRemoteKeyRotator(remote) };
  }
  const config = demandSettings(given, name, ["DATABASE_URL_KEYRING"]);
  const rows = openKeyRows({ url: config.DATABASE_URL_KEYRING, maxConnections: 3, name });
  undo.push(() => rows.close());
  const { keyring: folder } = statePaths(config.SHOPTHREAD_HOME);
  const keyRotator = createKeyRotator({ folder, rows: rows.epochs });
  return { keyring: await createKeyring({ folder, rows }), keyRotator };
}

export const systemClock: Clock = { now: () => new Date() };

/** `login` decides what Postgres allows: the API reads no keys' rows, the worker writes no accounts. */
export async function openCore(
  given: Config,
  { name, login, connections }: { name: string; login: "api" | "worker"; connections: number },
): Promise<Core> {
  const loginSetting = login === "api" ? "DATABASE_URL_API" : "DATABASE_URL_WORKER";
  const config = demandSettings(given, name, [loginSetting, "DATABASE_URL_SYSTEM", "TEMPORAL_ADDRESS"]);
  demandTls13();
  const paths = statePaths(config.SHOPTHREAD_HOME);
  const undo = new UndoStack();
  const log = createLogger(name, { level: config.SHOPTHREAD_LOG_LEVEL });
  const egress = openEgress(config, { clock: systemClock, log });
  const { trace, close: closeTrace } = await openTrace(config, { name, log, egress });
  undo.push(closeTrace);
  const db = openDatabase({ url: config[loginSetting], maxConnections: connections, name });
  undo.push(() => db.close());
  const system = openSystemDatabase({ url: config.DATABASE_URL_SYSTEM, maxConnections: 5, name });
  undo.push(() => system.close());
  watchEgress(egress, { db, clock: systemClock, log });
  const { keyring, keyRotator } = await openKeyring(config, { name, undo });
  const dataConverter = createDataConverter(await loadPayloadKeys(paths.payloadKeys));
  const temporal = connectTemporal({
    address: config.TEMPORAL_ADDRESS,
    namespace: config.TEMPORAL_NAMESPACE,
    dataConverter,
    tls: temporalTls(config),
  });
  undo.push(() => temporal.close());
  const images = createContainedImageProcessor({ log });
  undo.push(() => images.close());
  return {
    config,
    db,
    system,
    sealer: createSealer(keyring),
    keyRotator,
    blindIndexer: createBlindIndexer(keyring),
    objects: createObjectStore({ folder: paths.objects }),
    images,
    temporal,
    dataConverter,
    clock: systemClock,
    log,
    trace,
    egress,
    close: () => undo.unwind(),
  };
}
