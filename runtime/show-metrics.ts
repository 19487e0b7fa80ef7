import { readHouseState } from "../db/system-state.ts";
import type { CoreMetrics } from "./core-metrics.ts";
import { startMetricsServer } from "./metrics-server.ts";
import type { Core } from "./open-core.ts";
import { serverTls } from "./tls.ts";
import { collectProcessMetrics } from "./worker-metrics.ts";
import type { WorkerMetrics } from "./worker-metrics.ts";

/** One address for all figures of a worker: its own, the rows', and Temporal's core. Answers how to close it. */
export async function showMetrics(
  { config, log, db, system, sealer, clock }: Core,
  metrics: WorkerMetrics,
  temporal: CoreMetrics | undefined,
): Promise<() => Promise<void>> {
  const port = config.SHOPTHREAD_WORKER_METRICS_PORT;
  if (port === "off") return () => Promise.resolve();
  collectProcessMetrics(metrics);
  const server = await startMetricsServer({
    host: config.SHOPTHREAD_HOST,
    port,
    tls: serverTls(config),
    render: async () => {
      const [fromCore] = await Promise.all([
        temporal?.read() ?? "",
        metrics.house.measure({
          now: () => clock.now(),
          readState: (now) => readHouseState(system, now),
          pools: { tenant: () => db.pool(), system: () => system.pool() },
          keyCache: () => sealer.cacheState(),
        }),
      ]);
      return `${await metrics.registry.metrics()}${fromCore}`;
    },
  });
  log.info({ port: server.port }, "metrics.listening");
  return () => server.close();
}
