import { isLoopback } from "../domain/privacy/processors.ts";
import type { Config } from "./config.ts";

const databaseUrls = [
  "DATABASE_URL",
  "DATABASE_URL_API",
  "DATABASE_URL_WORKER",
  "DATABASE_URL_ADMIN",
  "DATABASE_URL_SYSTEM",
  "DATABASE_URL_KEYRING",
] as const;

type Urls = Pick<Config, (typeof databaseUrls)[number]>;

/**
 * The addresses of the database as every client of it reads them, `pg_dump` too: beyond this machine the server's
 * certificate and name are verified, by `DATABASE_CA` or the system's list.
 */
export function verifiedDatabaseUrls(given: Urls & Pick<Config, "DATABASE_CA">): Urls {
  return Object.fromEntries(
    databaseUrls.map((name) => [name, given[name] && verifiedUrl(given[name], given.DATABASE_CA)]),
  ) as Urls; // the same names
}

function verifiedUrl(text: string, ca: string | undefined): string {
  const url = new URL(text);
  if (ca === undefined && isOnThisMachine(url)) return text;
  url.searchParams.set("sslmode", "verify-full");
  if (ca !== undefined) url.searchParams.set("sslrootcert", ca);
  return url.href;
}

function isOnThisMachine({ hostname }: URL): boolean {
  return isLoopback(hostname) || hostname === "" || hostname.startsWith("%2F");
}

type Problem = { name: "SHOPTHREAD_TLS_CERT" | "KEYRING_TLS_CA"; text: string };

/** Settings by which something would cross a network in the clear, or TLS be asked of who cannot speak it. */
export function findTlsProblems(config: Config): Problem[] {
  const { SHOPTHREAD_HOST: host, SHOPTHREAD_TRUSTED_PROXIES: proxies, KEYRING_URL: keyring } = config;
  const problems: Problem[] = [];
  const hasCert = config.SHOPTHREAD_TLS_CERT !== undefined;
  const isOpen = !config.isDemo && !isLoopback(host) && proxies === 0;
  if (isOpen && !hasCert) {
    const text = `is needed to listen on ${host}, unless a proxy speaks TLS (SHOPTHREAD_TRUSTED_PROXIES)`;
    problems.push({ name: "SHOPTHREAD_TLS_CERT", text });
  }
  if (config.isDemo && hasCert) {
    problems.push({
      name: "SHOPTHREAD_TLS_CERT",
      text: "is not for the demonstration, whose simulators speak plain HTTP",
    });
  }
  const isKeyringFar = keyring !== undefined && !isLoopback(new URL(keyring).host);
  if (isKeyringFar && (config.KEYRING_TLS_CA === undefined || !keyring.startsWith("https:"))) {
    problems.push({
      name: "KEYRING_TLS_CA",
      text: "is needed, and https, for a keyring beyond this machine",
    });
  }
  return problems;
}
