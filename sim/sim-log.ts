export type CallTarget = "graph" | "model" | "push" | "mail" | "cdn" | "payments";

/** How the simulator treated a call: answered normally, answered by an armed fault, or left without an answer. */
export type CallOutcome = "pending" | "answered" | "fault" | "dropped" | "hung";

/** One request that the product made to a simulated service. */
export type SimCall = {
  seq: number;
  at: string;
  to: CallTarget;
  method: string;
  path: string;
  query: Record<string, string>;
  headers: Record<string, string>;
  /** Parsed JSON where the body is JSON, else text; inline pictures are shortened. */
  body: unknown;
  status: number | null;
  outcome: CallOutcome;
};

export type SimLog = {
  /** Keeps the call and returns the kept entry, whose status and outcome are filled in later. */
  record: (call: Omit<SimCall, "seq" | "at" | "status" | "outcome">) => SimCall;
  list: (filter?: { to?: CallTarget; since?: number; limit?: number }) => SimCall[];
};

/** Prompts are long, so fewer calls of the model are kept. */
const limits: Record<CallTarget, number> = {
  graph: 20_000,
  model: 4_000,
  push: 20_000,
  mail: 20_000,
  cdn: 5_000,
  payments: 5_000,
};

/** A bounded log in memory; the oldest calls of a service leave first. */
export function createSimLog(options: { now: () => number }): SimLog {
  const kept: Record<CallTarget, SimCall[]> = {
    graph: [],
    model: [],
    push: [],
    mail: [],
    cdn: [],
    payments: [],
  };
  let seq = 0;
  return {
    record(call) {
      const entry: SimCall = {
        ...call,
        seq: ++seq,
        at: new Date(options.now()).toISOString(),
        status: null,
        outcome: "pending",
      };
      const calls = kept[call.to];
      calls.push(entry);
      const limit = limits[call.to];
      if (calls.length > limit * 1.1) calls.splice(0, calls.length - limit);
      return entry;
    },
    list(filter = {}) {
      const calls = filter.to
        ? kept[filter.to]
        : Object.values(kept)
            .flat()
            .toSorted((a, b) => a.seq - b.seq);
      const found = calls.filter((call) => call.seq > (filter.since ?? 0));
      return filter.limit === undefined ? found : found.slice(-filter.limit);
    },
  };
}
