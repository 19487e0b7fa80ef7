export type CallTarget = "graph" | "model" | "push" | "mail" | "cdn";

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
  clear: () => void;
};

/** A bounded log in memory; the oldest calls leave first. */
export function createSimLog(options: { now: () => number; limit?: number }): SimLog {
  const limit = options.limit ?? 20_000;
  let calls: SimCall[] = [];
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
      calls.push(entry);
      if (calls.length > limit * 1.1) calls = calls.slice(-limit);
      return entry;
    },
    list(filter = {}) {
      const found = calls.filter(
        (call) => (!filter.to || call.to === filter.to) && call.seq > (filter.since ?? 0),
      );
      return filter.limit === undefined ? found : found.slice(-filter.limit);
    },
    clear() {
      calls = [];
    },
  };
}
