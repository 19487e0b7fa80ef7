import { z } from "@hono/zod-openapi";

const FaultTarget = z.enum(["graph", "model", "push", "mail", "cdn", "webhook", "payments"]);
type FaultTarget = z.infer<typeof FaultTarget>;

const ms = z.number().int().min(0).max(600_000);

export const FaultSpec = z
  .object({
    to: FaultTarget,
    match: z.string().max(500).refine(isMatchable, "not a valid pattern").optional().openapi({
      description:
        "Text that must occur in `METHOD /path?query\\nbody`, or a pattern written /like this/. For webhooks: in the delivered JSON before escaping. For the callbacks of payments: in `CALLBACK url\\nbody`.",
    }),
    status: z
      .number()
      .int()
      .min(200)
      .max(599)
      .optional()
      .openapi({ description: "Answer this, do no work." }),
    body: z.unknown().optional().openapi({ description: "The body that goes with `status`." }),
    delayMs: ms.optional().openapi({ description: "Wait before the work." }),
    answerDelayMs: ms.optional().openapi({ description: "Do the work, answer late: echoes come first." }),
    hang: z.boolean().optional().openapi({ description: "Do no work and never answer." }),
    dropAfter: z.boolean().optional().openapi({ description: "Do the work, lose the answer." }),
    duplicate: z.number().int().min(1).max(20).optional().openapi({
      description: "Webhooks and callbacks only: deliver it so many times more.",
    }),
    reorder: z.boolean().optional().openapi({
      description: "Webhooks only: let the next one of the conversation overtake it.",
    }),
    lose: z.boolean().optional().openapi({ description: "Webhooks and callbacks only: never deliver it." }),
    times: z.number().int().min(1).nullable().default(1).openapi({ description: "null: until disarmed." }),
  })
  .openapi("Fault");
export type FaultSpec = z.input<typeof FaultSpec>;
export type Fault = z.output<typeof FaultSpec> & { id: string };

export type Faults = {
  arm: (spec: FaultSpec) => Fault;
  /** Removes armed faults and lets hanging calls end. */
  disarm: (id?: string) => void;
  list: () => Fault[];
  /** Takes the first fault that fits and uses it up by one. */
  take: (to: FaultTarget, text: string) => Fault | undefined;
  /** Resolves when the faults are disarmed or the signal aborts. */
  hang: (signal?: AbortSignal) => Promise<void>;
};

export function createFaults(): Faults {
  let armed: Fault[] = [];
  let counter = 0;
  const hanging = new Set<() => void>();
  const wake = (): void => {
    for (const release of hanging) release();
    hanging.clear();
  };
  return {
    arm(spec) {
      const fault: Fault = { ...FaultSpec.parse(spec), id: `fault_${++counter}` };
      armed.push(fault);
      return { ...fault };
    },
    disarm(id) {
      armed = id === undefined ? [] : armed.filter((fault) => fault.id !== id);
      wake();
    },
    list: () => armed.map((fault) => ({ ...fault })),
    take(to, text) {
      const fault = armed.find((candidate) => candidate.to === to && fits(candidate.match, text));
      if (!fault) return undefined;
      if (fault.times !== null && --fault.times === 0) armed = armed.filter((other) => other !== fault);
      return fault;
    },
    hang: (signal) =>
      new Promise((resolve) => {
        hanging.add(resolve);
        signal?.addEventListener("abort", () => resolve(), { once: true });
      }),
  };
}

function fits(match: string | undefined, text: string): boolean {
  if (match === undefined) return true;
  return patternOf(match)?.test(text) ?? text.includes(match);
}

function patternOf(match: string): RegExp | undefined {
  const parts = /^\/(.+)\/([a-z]*)$/s.exec(match);
  return parts?.[1] ? new RegExp(parts[1], parts[2]) : undefined;
}

function isMatchable(match: string): boolean {
  try {
    patternOf(match);
    return true;
  } catch {
    return false;
  }
}
