import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from "prom-client";

/** A registry for each API, so that two in one process (tests) do not meet. */
export function createApiMetrics() {
  const registry = new Registry();
  const registers = [registry];
  return {
    registry,
    requests: new Histogram({
      name: "shopthread_http_request_seconds",
      help: "Duration of HTTP requests by route",
      labelNames: ["method", "route", "status"],
      buckets: [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers,
    }),
    webhooks: new Counter({
      name: "shopthread_webhook_requests_total",
      help: "Messenger webhook posts by outcome",
      labelNames: ["outcome"],
      registers,
    }),
    events: new Counter({
      name: "shopthread_webhook_events_total",
      help: "Events of Messenger webhooks by kind and what became of them",
      labelNames: ["kind", "outcome"],
      registers,
    }),
    bells: new Counter({
      name: "shopthread_bells_total",
      help: "Rings of conversations after intake",
      labelNames: ["outcome"],
      registers,
    }),
    waiting: new Gauge({
      name: "shopthread_oldest_waiting_seconds",
      help: "Age of the oldest incoming message, unfinished turn, or message due to be sent; 0 when none waits",
      labelNames: ["what"],
      registers,
    }),
    dependencyUp: new Gauge({
      name: "shopthread_dependency_up",
      help: "1 when the dependency answered the last readiness check",
      labelNames: ["dependency"],
      registers,
    }),
  };
}

export type ApiMetrics = ReturnType<typeof createApiMetrics>;

/** Memory, event loop lag and the like; once a process. */
export function collectProcessMetrics(metrics: ApiMetrics): void {
  collectDefaultMetrics({ register: metrics.registry });
}
