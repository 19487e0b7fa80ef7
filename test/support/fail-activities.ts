import { AsyncLocalStorage } from "node:async_hooks";
import type { Info } from "@temporalio/activity";
import type { WorkerInterceptors } from "@temporalio/worker";

type When = "before" | "after" | "inside";

/**
 * Where attempts die: before anything ran, after all ran so that the result is lost, or at an inner step. `one` dies first
 * at its label, then each next attempt of that activity at the next place; `every` lets an attempt of each activity die at
 * each `when`, and at each of the inner steps.
 */
export type Death = { kind: "one"; at: DeathPlace[] } | { kind: "every"; when: When[] };
/** Only the first is counted, as `runTurn#2`; the next ones are names, as `runTurn`. */
export type DeathPlace = { label: string; when: When };

type Place = { label: string; activity: string; when: When };
type Run = {
  death: Death | null;
  struck: Set<string>;
  /** Of `one`: whose attempts die. */
  dying: string | undefined;
  seen: Map<string, number>;
  labels: string[];
};

/**
 * Lets chosen attempts of activities die, each shop on its own, so that many stories run in one house. Labels are
 * `runTurn#2` (the second execution), `decideOrder:shipOrder#1`, and `order.committed#1` for inner steps.
 */
export class ActivityFailures {
  private readonly runs = new Map<string, Run>();
  private readonly current = new AsyncLocalStorage<{ run: Run; info: Info } | undefined>();
  private readonly diesInside: (step: string) => boolean;

  /** Of `every` death inside only these steps: a turn that dies too often answers by its fallback. */
  constructor(diesInside: (step: string) => boolean) {
    this.diesInside = diesInside;
  }

  /** For `WorkerOverrides`. */
  readonly interceptors: WorkerInterceptors = {
    activity: [
      ({ info }) => ({
        inbound: {
          execute: (input, next) => {
            const [argument] = input.args as [{ shopId?: string; name?: string } | undefined];
            const run = this.runs.get(argument?.shopId ?? "");
            if (!run) return next(input);
            const name = argument?.name === undefined ? "" : `:${argument.name}`;
            const label = count(run, info.activityType + name);
            const activity = keyOf(info);
            return this.current.run({ run, info }, async () => {
              strike(run, { label, activity, when: "before" });
              const result: unknown = await next(input);
              strike(run, { label, activity, when: "after" });
              return result;
            });
          },
        },
      }),
    ],
  };

  /** For `WorkerOverrides.deps`. */
  readonly atStep = async (step: string): Promise<void> => {
    const here = this.current.getStore();
    if (!here) return;
    const { run, info } = here;
    const label = count(run, step);
    if (run.death?.kind === "every" && !this.diesInside(step)) return;
    strike(run, { label, activity: keyOf(info), when: "inside" });
  };

  arm(shopId: string, death: Death | null): void {
    this.runs.set(shopId, { death, struck: new Set(), dying: undefined, seen: new Map(), labels: [] });
  }

  /** The labels that died. */
  struckAt(shopId: string): string[] {
    return [...(this.runs.get(shopId)?.struck ?? [])];
  }

  /** The names of those that died, without their counts, each once. */
  namesStruckAt(shopId: string, when: When): string[] {
    const names = this.struckAt(shopId).flatMap((place) => {
      const [at, name = ""] = place.split(" ");
      return at === when ? [name] : [];
    });
    return [...new Set(names)].toSorted();
  }

  /** What ran for a shop, in order. */
  labelsOf(shopId: string): string[] {
    return this.runs.get(shopId)?.labels ?? [];
  }
}

function keyOf({ activityId, workflowExecution }: Info): string {
  return `${workflowExecution?.runId} ${activityId}`;
}

function count(run: Run, name: string): string {
  const times = (run.seen.get(name) ?? 0) + 1;
  run.seen.set(name, times);
  const label = `${name}#${times}`;
  run.labels.push(label);
  return label;
}

function strike(run: Run, place: Place): void {
  const { label, activity, when } = place;
  const key = `${when} ${nameOf(label)} ${activity}`;
  if (run.struck.has(key) || !isDeath(run, place)) return;
  run.struck.add(key);
  run.dying = activity;
  throw new Error(`died ${when} ${label}`);
}

function isDeath({ death, struck, dying }: Run, { label, activity, when }: Place): boolean {
  if (death === null) return false;
  if (death.kind === "every") return death.when.includes(when);
  const wanted = death.at[struck.size];
  if (wanted?.when !== when) return false;
  return dying === undefined ? label === wanted.label : activity === dying && nameOf(label) === wanted.label;
}

/** The label without its count. */
export function nameOf(label: string): string {
  return label.replace(/#\d+$/u, "");
}
