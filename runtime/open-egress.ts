import type { Logger } from "pino";

import { createEgress } from "../clients/egress.ts";
import type { Egress } from "../clients/egress.ts";
import { platformShopId } from "../db/accounts.ts";
import { appendAudit } from "../db/audit-events.ts";
import type { Database } from "../db/connection.ts";
import type { Clock } from "../domain/clock.ts";
import { processorState } from "../domain/privacy/processors.ts";
import type { Config } from "./config.ts";
import { readProcessors } from "./processors.ts";

/** The guard of all that goes out. Says at the start which processors get nothing, and why. */
export function openEgress(config: Config, { clock, log }: { clock: Clock; log: Logger }): Egress {
  const register = readProcessors(config);
  for (const processor of register) {
    const state = processorState(processor, clock.now());
    if (state !== "active") log.warn({ component: processor.name, reason: state }, "processor.gets_nothing");
  }
  return createEgress({ register, clock, tls12Hosts: config.SHOPTHREAD_TLS12_HOSTS });
}

/** Calls are tried again and again: one event tells of those of ten minutes. */
const quietMs = 600_000;

/** A refused call is a security event in the platform's log. */
export function watchEgress(
  egress: Egress,
  { db, clock, log }: { db: Database; clock: Clock; log: Logger },
): void {
  const toldAt = new Map<string, number>();
  egress.watch(({ name, reason }) => {
    const now = clock.now();
    const key = `${name}/${reason}`;
    if (now.getTime() - (toldAt.get(key) ?? 0) < quietMs) return;
    toldAt.set(key, now.getTime());
    log.warn({ component: name, reason }, "egress.refused");
    const event = { shopId: platformShopId, actorKind: "system", actorId: null } as const;
    db.withShop(platformShopId, (trx) =>
      appendAudit(trx, { ...event, action: "egress.refused", data: { processor: name, reason }, now }),
    ).catch((err: unknown) => log.error({ err }, "egress.event_not_written"));
  });
}
