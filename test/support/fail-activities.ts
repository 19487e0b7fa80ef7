import { AsyncLocalStorage } from "node:async_hooks";
import type { Info } from "@temporalio/activity";
import type { WorkerInterceptors } from "@temporalio/worker";

type When = "before" | "after" | "inside";

/**
 * Where an attempt dies: before anything ran, after all ran so that the result is lost, or at an inner step. `one` dies
 * once, at its label; `every` lets the first attempt of each activity die, and each of the inner steps once.
 */
export type Death = { kind: "one"; label: string; when: When } | { kind: "every"; when: When };

type Place = { label: string; key: string; when: When };
type Run = { death: Death | null; struck: Set<string>; seen: Map<string, number>; labels: string[] };

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
            const key = keyOf(info);
            return this.current.run({ run, info }, async () => {
              strike(run, { label, key: `before ${key}`, when: "before" });
              const result: unknown = await next(input);
              strike(run, { label, key: `after ${key}`, when: "after" });
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
    strike(run, { label, key: `${step} ${keyOf(info)}`, when: "inside" });
  };

  arm(shopId: string, death: Death | null): void {
    this.runs.set(shopId, { death, struck: new Set(), seen: new Map(), labels: [] });
  }

  /** The labels that died. */
  struckAt(shopId: string): string[] {
    return [...(this.runs.get(shopId)?.struck ?? [])];
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

function strike(run: Run, { label, key, when }: Place): void {
  const { death } = run;
  if (death?.when !== when || run.struck.has(key)) return;
  if (death.kind === "one" && (death.label !== label || run.struck.size > 0)) return;
  run.struck.add(key);
  throw new Error(`died ${when} ${label}`);
}
