import type { WorkerInterceptors } from "@temporalio/worker";

import type { Database } from "../../db/connection.ts";
import type { Clock } from "../../domain/clock.ts";
import type { ObjectStore } from "../../domain/ports/object-store.ts";
import type { Core } from "../../runtime/open-core.ts";
import type { TemporalClient } from "../../runtime/temporal-client.ts";
import type { Failpoints } from "./failpoints.ts";

/** A clock that its parent steps. */
export class SteppedClock implements Clock {
  private offsetMs = 0;

  step(offsetMs: number): void {
    this.offsetMs = offsetMs;
  }

  now(): Date {
    return new Date(Date.now() + this.offsetMs);
  }
}

/** What api and worker reach of the world, with a failpoint before and after each effect. The product knows of none. */
export function failingCore(core: Core, failpoints: Failpoints, clock: Clock): Partial<Core> {
  return {
    clock,
    db: failingDatabase(core.db, failpoints),
    objects: failingObjects(core.objects, failpoints),
    temporal: failingTemporal(core.temporal, failpoints),
  };
}

/** `db.before_commit` rolls back; after `db.after_commit` the caller does not know that it was done. */
function failingDatabase(db: Database, failpoints: Failpoints): Database {
  const inside =
    <Trx, T>(fn: (trx: Trx) => Promise<T>) =>
    async (trx: Trx): Promise<T> => {
      const result = await fn(trx);
      await failpoints.pass("db.before_commit");
      return result;
    };
  const done = async <T>(work: Promise<T>): Promise<T> => {
    const result = await work;
    await failpoints.pass("db.after_commit");
    return result;
  };
  return {
    ...db,
    withShop: (shopId, fn) => done(db.withShop(shopId, inside(fn))),
    withoutShop: (fn) => done(db.withoutShop(inside(fn))),
  };
}

function failingObjects(objects: ObjectStore, failpoints: Failpoints): ObjectStore {
  return {
    ...objects,
    put: async (id, bytes) => {
      await failpoints.pass("objects.before_put");
      const stored = await objects.put(id, bytes);
      await failpoints.pass("objects.after_put");
      return stored;
    },
  };
}

const wrappedCalls: Record<string, string> = {
  signalWithStart: "signal",
  executeUpdate: "update",
  executeUpdateWithStart: "update",
  startUpdate: "update",
  startUpdateWithStart: "update",
};

function failingTemporal(temporal: TemporalClient, failpoints: Failpoints): TemporalClient {
  const workflow = intercept(temporal.client.workflow, (name, call) => {
    const kind = wrappedCalls[name];
    if (kind === undefined) return call;
    return async (...args) => {
      await failpoints.pass(`temporal.before_${kind}`);
      const result: unknown = await call(...args);
      await failpoints.pass(`temporal.after_${kind}`);
      return result;
    };
  });
  const client = new Proxy(temporal.client, {
    get: (target, name) => (name === "workflow" ? workflow : Reflect.get(target, name, target)),
  });
  return { ...temporal, client };
}

type Call = (...args: unknown[]) => unknown;

/** The same object with some of its methods replaced; all run on the real one. */
function intercept<T extends object>(real: T, replace: (name: string, call: Call) => Call): T {
  return new Proxy(real, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== "function") return value;
      const call: Call = (...args) => (value as Call).apply(target, args);
      return replace(String(name), call);
    },
  });
}

/** Before an activity does anything, and after it did all but report it. */
export function failingActivities(failpoints: Failpoints): WorkerInterceptors {
  return {
    activity: [
      ({ info }) => ({
        inbound: {
          execute: async (input, next) => {
            const label = labelOf(info.activityType, input.args);
            await failpoints.pass(`before ${label}`);
            const result: unknown = await next(input);
            await failpoints.pass(`after ${label}`);
            return result;
          },
        },
      }),
    ],
  };
}

/** Decisions run through one activity, which names them in its argument. */
function labelOf(activityType: string, args: unknown[]): string {
  const [argument] = args as [{ name?: unknown } | undefined];
  return typeof argument?.name === "string" ? `${activityType}:${argument.name}` : activityType;
}
