import { afterEach, expect, test } from "vitest";

import { createOtlpExporter } from "../../clients/otlp.ts";
import { contextOf, createTrace } from "../../clients/trace.ts";
import type { FinishedSpan } from "../../clients/trace.ts";
import type { TracedThing } from "../../domain/ports/trace.ts";
import { AppError } from "../../domain/app-error.ts";
import { startTraceCollector } from "../support/trace-collector.ts";
import type { TraceCollector } from "../support/trace-collector.ts";
import { startStub } from "./stub-server.ts";
import { anywhere } from "../support/egress.ts";

const words = "Ma Hla, 09 791 234 567";
const message = (id: string, customerId = "c1"): TracedThing => ({ kind: "message", id, customerId });

function tracer(share = 1) {
  const spans: FinishedSpan[] = [];
  return { spans, trace: createTrace({ share, onFinished: (finished) => spans.push(...finished) }) };
}

let collector: TraceCollector | undefined;
afterEach(async () => {
  await collector?.close();
  collector = undefined;
});

test("two processes find one trace by the id of a message alone", async () => {
  const [door, worker] = [tracer(), tracer()];
  await door.trace.span("request", {}, async () => door.trace.begins(message("m1")));
  await worker.trace.span("activity", {}, async () => {
    await worker.trace.span("model.respond", {}, () => Promise.resolve());
    worker.trace.follows(message("m1"));
    worker.trace.follows(message("m2"));
  });
  const [request] = door.spans;
  const [turn, model] = worker.spans;
  expect(request).toMatchObject(contextOf({ kind: "message", id: "m1" }));
  expect(turn).toMatchObject({ traceId: request?.traceId, parentSpanId: request?.spanId });
  expect(turn?.links).toEqual([contextOf({ kind: "message", id: "m2" })]);
  // It had ended before anybody knew whose trace it is.
  expect(model).toMatchObject({ traceId: request?.traceId, parentSpanId: turn?.spanId });
});

test("each message of one webhook has a beginning", async () => {
  const { spans, trace } = tracer();
  await trace.span("request", {}, async () => ["m1", "m2"].map((id) => trace.begins(message(id))));
  expect(spans[1]).toMatchObject({ ...contextOf({ kind: "message", id: "m2" }), name: "request.also" });
  expect(spans[1]?.links).toEqual([contextOf({ kind: "message", id: "m1" })]);
});

test("what goes on after its root has ended still stands below it", async () => {
  const { spans, trace } = tracer();
  let ring = () => {};
  let later: Promise<void> = Promise.resolve();
  await trace.span("request", {}, async () => {
    later = trace.span("bell.ring", {}, () => new Promise<void>((resolve) => (ring = resolve)));
  });
  expect(spans).toEqual([]);
  ring();
  await later;
  expect(spans.map(({ name }) => name)).toEqual(["request", "bell.ring"]);
});

test("no words get in: not by a field, a name, a step, a failure", async () => {
  const { spans, trace } = tracer();
  const work = async () => {
    trace.add({ code: words, text: words, outcome: "sent", orderId: words });
    trace.step(words);
    throw new AppError("conflict", "order.already_decided", { internal: words });
  };
  await expect(trace.span(words, { psid: "7200000000000000", attempt: 2 }, work)).rejects.toThrow();
  await expect(trace.span("x", {}, () => Promise.reject(new Error(words)))).rejects.toThrow();
  expect(spans[0]).toMatchObject({
    fields: { outcome: "sent", attempt: 2 },
    failure: "order.already_decided",
  });
  expect(spans[1]?.failure).toBe("Error");
  // Ids and times are chance, and may hold any figures.
  const said = spans.map(({ name, fields, steps, failure }) => ({ name, fields, steps, failure }));
  expect(JSON.stringify(said)).not.toMatch(/Hla|791|psid|7200/);
});

test("a ratio keeps or leaves out all traces of a customer together, in every process", async () => {
  const kept = new Set<string>();
  for (let index = 0; index < 400; index += 1) {
    const [door, worker] = [tracer(0.25), tracer(0.25)];
    const thing = message(`m${index}`, `c${index % 40}`);
    await door.trace.span("request", {}, async () => door.trace.begins(thing));
    await worker.trace.span("activity", {}, async () => worker.trace.follows(thing));
    expect(door.spans.length).toBe(worker.spans.length);
    if (door.spans.length > 0) kept.add(`c${index % 40}`);
    else expect(kept).not.toContain(`c${index % 40}`);
  }
  expect(kept.size).toBeGreaterThan(3);
  expect(kept.size).toBeLessThan(20);
});

test("a collector that is away costs some traces, is told of once, and holds nothing up", async () => {
  collector = await startTraceCollector();
  collector.state.isAway = true;
  const failures: number[] = [];
  const exporter = createOtlpExporter({
    egress: anywhere,
    endpoint: collector.url,
    headers: {},
    service: "test",
    onFailure: (lost) => failures.push(lost),
  });
  const { spans, trace } = tracer();
  await trace.span("request", {}, () => Promise.resolve());
  exporter.take(Array.from({ length: 5_000 }, () => spans).flat());
  await exporter.close();
  expect(failures).toEqual([5_000]);
  expect(collector.spans()).toEqual([]);
});

test("a collector that hangs holds no stop up: what it did not take is given up and counted", async () => {
  const hanging = await startStub(() => "hang");
  const failures: number[] = [];
  const exporter = createOtlpExporter({
    egress: anywhere,
    endpoint: hanging.url,
    headers: {},
    service: "test",
    onFailure: (lost) => failures.push(lost),
    lastFlushMs: 100,
  });
  const { spans, trace } = tracer();
  await trace.span("request", {}, () => Promise.resolve());
  exporter.take(Array.from({ length: 2_000 }, () => spans).flat());
  await exporter.close();
  expect(failures).toEqual([2_000]);
  expect(hanging.seen.length).toBeLessThanOrEqual(1);
  await hanging.close();
}, 5_000);

test("a span that cannot be written is lost, and nothing is thrown", async () => {
  collector = await startTraceCollector();
  const failures: number[] = [];
  const exporter = createOtlpExporter({
    egress: anywhere,
    endpoint: collector.url,
    headers: {},
    service: "test",
    onFailure: (lost) => failures.push(lost),
  });
  const { spans, trace } = tracer();
  await trace.span("request", {}, () => Promise.resolve());
  exporter.take(spans.map((span) => ({ ...span, endMs: Number.NaN })));
  await exporter.close();
  expect(failures).toEqual([1]);
});
