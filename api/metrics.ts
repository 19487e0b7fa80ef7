import { Registry, collectDefaultMetrics } from "prom-client";

import { createHouseGauges } from "../clients/house-gauges.ts";
import { createMeters } from "../clients/metrics.ts";

const eventKinds = [
  "any",
  "message",
  "echo",
  "postback",
  "page_inbox",
  "delivery",
  "read",
  "reaction",
  "edit",
  "deleted",
  "referral",
  "optin",
  "handover",
  "account_linking",
  "policy_enforcement",
  "app_roles",
  "feature_status",
  "comment",
  "reject",
  "other",
];
const eventOutcomes = [
  "stored",
  "duplicate",
  "dropped",
  "unknown_customer",
  "unknown_page",
  "dead_letter",
  "ignored",
];
const webhookOutcomes = ["received", "not_json", "not_page_object", "too_many", "too_large", "bad_signature"];
const methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

/** A registry for each API, so that two in one process (tests) do not meet. `isRoute` knows the patterns of its routes. */
export function createApiMetrics(isRoute: (pattern: string) => boolean) {
  const registry = new Registry();
  const meters = createMeters(registry);
  return {
    registry,
    house: createHouseGauges(registry),
    requests: meters.histogram({
      name: "shopthread_http_request_seconds",
      help: "Duration of HTTP requests by route",
      labels: { method: methods, route: isRoute, status: (status) => /^[1-5]\d\d$/.test(status) },
      buckets: [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    }),
    webhooks: meters.counter({
      name: "shopthread_webhook_requests_total",
      help: "Messenger webhook posts by outcome",
      labels: { outcome: webhookOutcomes },
    }),
    events: meters.counter({
      name: "shopthread_webhook_events_total",
      help: "Events of Messenger webhooks by kind and what became of them",
      labels: { kind: eventKinds, outcome: eventOutcomes },
    }),
    bells: meters.counter({
      name: "shopthread_bells_total",
      help: "Rings of conversations after intake",
      labels: { outcome: ["rung", "failed"] },
    }),
    dependencyUp: meters.gauge({
      name: "shopthread_dependency_up",
      help: "1 when the dependency answered the last check, of readiness or of a scrape",
      labels: { dependency: ["postgres", "temporal"] },
    }),
  };
}

export type ApiMetrics = ReturnType<typeof createApiMetrics>;

/** Memory, event loop lag and the like; once a process. */
export function collectProcessMetrics(metrics: ApiMetrics): void {
  collectDefaultMetrics({ register: metrics.registry });
}
