import { AsyncLocalStorage } from "node:async_hooks";
import { createHash, randomBytes } from "node:crypto";

import type { Trace, TraceFields, TracedThing } from "../domain/ports/trace.ts";
import { redacted, safeError, safeEvent, safeFields } from "./log-fields.ts";

export type SpanContext = { traceId: string; spanId: string };
export type FinishedSpan = SpanContext & {
  parentSpanId?: string;
  name: string;
  startMs: number;
  endMs: number;
  fields: Record<string, string | number | boolean>;
  steps: { name: string; atMs: number }[];
  links: SpanContext[];
  /** A code, when the work failed. */
  failure?: string;
};

export type TraceOptions = {
  /** The share of things whose traces are kept, from 0 to 1. */
  share: number;
  /** All spans of one process's work, when the last of them has ended. */
  onFinished(spans: FinishedSpan[]): void;
};

type Span = {
  root: Root;
  parent: Span | undefined;
  spanId: string;
  name: string;
  startMs: number;
  endMs: number;
  fields: TraceFields;
  steps: FinishedSpan["steps"];
  leads: TracedThing[];
  failure: string | undefined;
};
/** Whose trace it is becomes known in the middle of the work, so spans wait here until all of them have ended. */
type Root = { spans: Span[]; open: number; begun: TracedThing[]; followed: TracedThing[] };

/** Where a thing's trace begins: the same in every process, and nothing of the id can be read from it. */
export function contextOf({ kind, id }: Pick<TracedThing, "kind" | "id">): SpanContext {
  const digest = createHash("sha256").update(`${kind}:${id}`).digest("hex");
  return { traceId: digest.slice(0, 32), spanId: digest.slice(32, 48) };
}

/** Spans by async context. Fields, names and failures pass the same allow-list as the log. */
export function createTrace({ share, onFinished }: TraceOptions): Trace {
  const current = new AsyncLocalStorage<Span>();

  function finish(root: Root): void {
    if (isKept(root, share)) onFinished(finishedSpans(root));
  }

  return {
    async span(name, fields, work) {
      const span = openSpan(current.getStore(), safeEvent(name), fields);
      try {
        return await current.run(span, work);
      } catch (error) {
        span.failure = failureOf(error);
        throw error;
      } finally {
        span.endMs = nowMs();
        span.root.open -= 1;
        if (span.root.open === 0) finish(span.root);
      }
    },
    add: (fields) => void Object.assign(current.getStore()?.fields ?? {}, fields),
    step: (name) => void current.getStore()?.steps.push({ name: safeEvent(name), atMs: nowMs() }),
    begins: (thing) => void current.getStore()?.root.begun.push(thing),
    follows: (thing) => void current.getStore()?.root.followed.push(thing),
    leadsTo: (thing) => void current.getStore()?.leads.push(thing),
  };
}

function openSpan(enclosing: Span | undefined, name: string, fields: TraceFields): Span {
  // Work that goes on after its root has ended begins a trace of its own.
  const parent = enclosing !== undefined && enclosing.root.open > 0 ? enclosing : undefined;
  const root = parent?.root ?? { spans: [], open: 0, begun: [], followed: [] };
  const spanId = randomBytes(8).toString("hex");
  const startMs = nowMs();
  const span: Span = {
    root,
    parent,
    spanId,
    name,
    startMs,
    endMs: startMs,
    fields: { ...fields },
    steps: [],
    leads: [],
    failure: undefined,
  };
  root.spans.push(span);
  root.open += 1;
  return span;
}

/** Milliseconds since 1970 with a finer fraction than a clock's. */
function nowMs(): number {
  return performance.timeOrigin + performance.now();
}

/** By person, else by thing: what belongs together is kept or left out in every process alike. */
function isKept({ begun, followed }: Root, share: number): boolean {
  const [thing] = [...begun, ...followed];
  const key = thing?.customerId ?? thing?.id;
  const digest = key === undefined ? randomBytes(6) : createHash("sha256").update(key).digest();
  return digest.readUIntBE(0, 6) < share * 2 ** 48;
}

function finishedSpans(root: Root): FinishedSpan[] {
  const [top, ...below] = root.spans;
  if (top === undefined) return [];
  const { context, parentSpanId, links } = placeOf(root, top);
  top.spanId = context.spanId;
  const begunToo = root.begun.slice(1).map((thing) => beginning(thing, { top, context }));
  const finished = below.map((span) => ({
    ...close(span, context.traceId),
    parentSpanId: span.parent?.spanId ?? top.spanId,
    links: span.leads.map(contextOf),
  }));
  const first = { ...close(top, context.traceId), links };
  return [{ ...first, ...(parentSpanId === undefined ? {} : { parentSpanId }) }, ...finished, ...begunToo];
}

type Place = { context: SpanContext; parentSpanId?: string; links: SpanContext[] };

/** A trace of its own, the one of the thing that begins here, or below the first thing that is followed; links to the others. */
function placeOf({ begun, followed }: Root, top: Span): Place {
  const rest = top.leads.map(contextOf);
  if (begun[0] !== undefined) {
    const context = contextOf(begun[0]);
    const others = [...followed.map(contextOf), ...rest];
    return { context, links: others.filter(({ spanId }) => spanId !== context.spanId) };
  }
  // Work that nothing led to, and that leads to a thing, is told in that thing's trace.
  const [parent, ...others] = followed.length > 0 ? [...followed.map(contextOf), ...rest] : rest;
  if (parent === undefined) {
    return { context: { traceId: randomBytes(16).toString("hex"), spanId: top.spanId }, links: [] };
  }
  const context = { traceId: parent.traceId, spanId: top.spanId };
  return { context, parentSpanId: parent.spanId, links: others };
}

/** One request may bring many messages: each of the others has a beginning too, with a link to what brought it. */
function beginning(thing: TracedThing, { top, context }: { top: Span; context: SpanContext }): FinishedSpan {
  return { ...close(top, context.traceId), ...contextOf(thing), name: `${top.name}.also`, links: [context] };
}

function close({ spanId, name, startMs, endMs, steps, failure, fields }: Span, traceId: string) {
  return {
    traceId,
    spanId,
    name,
    startMs,
    endMs,
    steps,
    fields: plainFields(fields),
    ...(failure === undefined ? {} : { failure }),
  };
}

function plainFields(fields: TraceFields): FinishedSpan["fields"] {
  const plain: FinishedSpan["fields"] = {};
  for (const [name, value] of Object.entries(safeFields(fields))) {
    const isPlain = typeof value === "string" || typeof value === "number" || typeof value === "boolean";
    if (isPlain && value !== redacted && name !== "droppedFields") plain[name] = value;
  }
  return plain;
}

function failureOf(error: unknown): string {
  const { code, class: name } = safeError(error);
  return code ?? name;
}
