import { readFileSync } from "node:fs";
import tls from "node:tls";
import type { TLSConfig } from "@temporalio/client";

import type { MutualTls } from "../clients/remote-keyring.ts";
import { AppError } from "../domain/app-error.ts";
import { isLoopback } from "../domain/privacy/processors.ts";
import type { Config } from "./config.ts";

/** What our own ports speak: TLS 1.3 with AES-256-GCM, and nothing older or weaker. */
const served = { minVersion: "TLSv1.3", ciphers: "TLS_AES_256_GCM_SHA384" } as const;

export type ServerTls = typeof served & { cert: Buffer; key: Buffer };

/** For API, console and the worker's metrics; undefined: plain HTTP, on this machine or behind a proxy. */
export function serverTls({
  SHOPTHREAD_TLS_CERT: cert,
  SHOPTHREAD_TLS_KEY: key,
}: Config): ServerTls | undefined {
  if (cert === undefined || key === undefined) return undefined;
  return {
    ...served,
    cert: readPem("SHOPTHREAD_TLS_CERT", cert),
    key: readPem("SHOPTHREAD_TLS_KEY", key),
  };
}

/** Both ends of a call of the keyring show a certificate of the same authority. */
export function keyringTls(config: Config): (MutualTls & typeof served) | undefined {
  const { KEYRING_TLS_CA: ca, KEYRING_TLS_CERT: cert, KEYRING_TLS_KEY: key } = config;
  if (ca === undefined || cert === undefined || key === undefined) return undefined;
  return {
    ...served,
    ca: readPem("KEYRING_TLS_CA", ca),
    cert: readPem("KEYRING_TLS_CERT", cert),
    key: readPem("KEYRING_TLS_KEY", key),
  };
}

/** Undefined: a server on this machine, in plain text. Any other is verified, by the system's list without a CA. */
export function temporalTls(config: Config): TLSConfig | undefined {
  const { TEMPORAL_TLS_CA: ca, TEMPORAL_TLS_CERT: cert, TEMPORAL_TLS_KEY: key } = config;
  if (ca === undefined && isLoopback(config.TEMPORAL_ADDRESS ?? "localhost")) return undefined;
  const name = config.TEMPORAL_TLS_SERVER_NAME;
  return {
    ...(ca === undefined ? {} : { serverRootCACertificate: readPem("TEMPORAL_TLS_CA", ca) }),
    ...(cert === undefined || key === undefined
      ? {}
      : {
          clientCertPair: {
            crt: readPem("TEMPORAL_TLS_CERT", cert),
            key: readPem("TEMPORAL_TLS_KEY", key),
          },
        }),
    ...(name === undefined ? {} : { serverNameOverride: name }),
  };
}

/**
 * Every connection of this process that does not say otherwise wants TLS 1.3: database, Temporal's client, calls of
 * processors. Node asks for it at each handshake.
 */
export function demandTls13(): void {
  tls.DEFAULT_MIN_VERSION = "TLSv1.3";
}

function readPem(name: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    const message = `${name}: the file ${path} cannot be read.`;
    throw new AppError("invalid", "runtime.tls_file", { internal: message, public: message, cause });
  }
}
