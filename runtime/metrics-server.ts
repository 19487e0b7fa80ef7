import { createServer } from "node:http";
import type { RequestListener } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";

import type { ServerTls } from "./tls.ts";
import { AppError } from "../domain/app-error.ts";

export type MetricsServer = { port: number; close(): Promise<void> };

/** `GET /metrics` and `/health/live`, and nothing else. `render` answers Prometheus' text. */
export function startMetricsServer({
  host,
  port,
  tls,
  render,
}: {
  host: string;
  port: number;
  tls?: ServerTls | undefined;
  render(): Promise<string>;
}): Promise<MetricsServer> {
  const listener: RequestListener = (req, res) => {
    const path = req.method === "GET" ? req.url : undefined;
    if (path === "/health/live") return res.end("live");
    if (path !== "/metrics") return res.writeHead(404).end();
    render().then(
      (text) => res.writeHead(200, { "content-type": "text/plain; version=0.0.4; charset=utf-8" }).end(text),
      () => res.writeHead(500).end(),
    );
  };
  const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  return new Promise((resolve, reject) => {
    server.once("error", (cause) => reject(cannotListen(host, port, cause)));
    server.listen(port, host, () =>
      resolve({
        port: (server.address() as AddressInfo).port, // it listens on TCP
        close: () =>
          new Promise((closed) => {
            server.close(() => closed());
            server.closeAllConnections();
          }),
      }),
    );
  });
}

function cannotListen(host: string, port: number, cause: unknown): AppError {
  const message = `The worker's metrics cannot listen on ${host}:${port}. Set SHOPTHREAD_WORKER_METRICS_PORT: another port, 0 for any, or off.`;
  return new AppError("unavailable", "worker.metrics_port", { internal: message, public: message, cause });
}
