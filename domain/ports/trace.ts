/**
 * A thing of the business whose trace any process finds again by the id alone: an incoming message, an order, a part of
 * an outgoing message. Nothing of a trace is stored, and nothing of it travels through Temporal.
 */
export type TracedThing = {
  kind: "message" | "order" | "part";
  id: string;
  /** Whose it is, where that is known: a person's traces are kept or left out together. */
  customerId?: string;
};

/** Ids, codes and numbers, as in a log; whatever else is left out. */
export type TraceFields = Record<string, unknown>;

export interface Trace {
  /** Times `work`. The first span of a process's work is its root: what follows a thing, or where a thing begins. */
  span<T>(name: string, fields: TraceFields, work: () => Promise<T>): Promise<T>;
  /** More about the open span. */
  add(fields: TraceFields): void;
  /** A named moment in the open span. */
  step(name: string): void;
  /** The work that is open is where this thing comes from; all that follows it is found below. */
  begins(thing: TracedThing): void;
  /** The work that is open goes on with this thing. */
  follows(thing: TracedThing): void;
  /** The open span hands over to this thing, whose trace goes on elsewhere. */
  leadsTo(thing: TracedThing): void;
}

export const noTrace: Trace = {
  span: (_name, _fields, work) => work(),
  add: () => undefined,
  step: () => undefined,
  begins: () => undefined,
  follows: () => undefined,
  leadsTo: () => undefined,
};
