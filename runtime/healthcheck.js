// Whether the process of this container answers: run inside it, by the settings that it has itself.
import { readFileSync } from "node:fs";
import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";

const { env } = process;
const part = process.argv[2] ?? "api";
const ports = {
  api: env.SHOPTHREAD_PORT || "3400",
  worker: env.SHOPTHREAD_WORKER_METRICS_PORT,
  keyring: env.KEYRING_PORT || "3405",
};
const isKeyring = part === "keyring";
const [cert, key] = isKeyring
  ? [env.KEYRING_TLS_CERT, env.KEYRING_TLS_KEY]
  : [env.SHOPTHREAD_TLS_CERT, env.SHOPTHREAD_TLS_KEY];
const where = { host: "127.0.0.1", port: ports[part], path: "/health/live", timeout: 4_000 };
// It asks itself on loopback: whether somebody answers, not who.
const identity = {
  cert: cert && readFileSync(cert),
  key: key && readFileSync(key),
  rejectUnauthorized: false,
};
const request = cert ? requestHttps({ ...where, ...identity }) : requestHttp(where);
request
  .on("response", (response) => process.exit(response.statusCode === 200 ? 0 : 1))
  .on("timeout", () => process.exit(1))
  .on("error", () => process.exit(1))
  .end();
