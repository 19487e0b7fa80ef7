import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createModelClient } from "../../clients/model.ts";
import type { ModelClient } from "../../domain/ports/model-client.ts";
import { startStub } from "./stub-server.ts";
import type { StubAnswer } from "./stub-server.ts";
import { anywhere } from "../support/egress.ts";

let answer: StubAnswer | "drop" | "hang";
let stub: Awaited<ReturnType<typeof startStub>>;
let model: ModelClient;

beforeEach(async () => {
  stub = await startStub(() => answer);
  model = createModelClient({
    egress: anywhere,
    apiKey: "key",
    baseUrl: `${stub.url}/v1`,
    model: "test-model",
  });
});
afterEach(() => stub.close());

const usage = { input_tokens: 120, output_tokens: 8 };
const message = (...content: unknown[]) => ({ id: "msg_1", type: "message", role: "assistant", content });
const outputText = (text: string) => ({ type: "output_text", text, annotations: [] });
const done = (...output: unknown[]): StubAnswer => ({
  json: { id: "resp_1", status: "completed", output, usage },
});

function respond(changes: Partial<Parameters<ModelClient["respond"]>[0]> = {}) {
  return model.respond({
    instructions: "Sell.",
    input: [{ kind: "message", role: "user", text: "Hi" }],
    tools: [],
    maxOutputTokens: 500,
    timeoutMs: 2_000,
    ...changes,
  });
}

describe("an answer", () => {
  test("is asked for without storing anything, one tool at a time, strictly", async () => {
    answer = done(message(outputText("Hello")));
    await respond({
      input: [
        { kind: "message", role: "assistant", text: "Welcome" },
        { kind: "message", role: "user", text: "Hi" },
        { kind: "call", callId: "c1", name: "search_products", argumentsJson: '{"query":null}' },
        { kind: "result", callId: "c1", outputJson: '{"products":[]}' },
      ],
      tools: [{ name: "search_products", description: "Find", parameters: { type: "object" } }],
    });
    const [request] = stub.seen;
    expect(request?.url.pathname).toBe("/v1/responses");
    expect(request?.headers.authorization).toBe("Bearer key");
    expect(JSON.parse(request?.body ?? "")).toEqual({
      model: "test-model",
      store: false,
      stream: false,
      instructions: "Sell.",
      tool_choice: "auto",
      parallel_tool_calls: false,
      max_output_tokens: 500,
      input: [
        { role: "assistant", content: [{ type: "output_text", text: "Welcome" }] },
        { role: "user", content: [{ type: "input_text", text: "Hi" }] },
        { type: "function_call", call_id: "c1", name: "search_products", arguments: '{"query":null}' },
        { type: "function_call_output", call_id: "c1", output: '{"products":[]}' },
      ],
      tools: [
        {
          type: "function",
          name: "search_products",
          description: "Find",
          parameters: { type: "object" },
          strict: true,
        },
      ],
    });
  });

  test("is text, calls and usage; kinds of items that we do not know are left out", async () => {
    answer = done(
      { type: "reasoning", id: "rs_1", summary: [] },
      message(outputText("One "), outputText("moment")),
      { type: "function_call", id: "fc_1", call_id: "c1", name: "no_such_tool", arguments: "{not json" },
    );
    expect(await respond()).toEqual({
      ok: true,
      text: "One moment",
      calls: [{ callId: "c1", name: "no_such_tool", argumentsJson: "{not json" }],
      ending: "complete",
      usage: { inputTokens: 120, outputTokens: 8 },
    });
  });

  test("says when it was cut, filtered or refused", async () => {
    const incomplete = (reason: string): StubAnswer => ({
      json: {
        status: "incomplete",
        incomplete_details: { reason },
        output: [message(outputText("Hel"))],
        usage,
      },
    });
    answer = incomplete("max_output_tokens");
    expect(await respond()).toMatchObject({ ok: true, ending: "cut", text: "Hel" });
    answer = incomplete("content_filter");
    expect(await respond()).toMatchObject({ ending: "filtered" });
    answer = done(message({ type: "refusal", refusal: "no" }));
    expect(await respond()).toMatchObject({ ending: "refused", text: "" });
  });

  test.each<[string, StubAnswer]>([
    ["is no JSON", { text: "<html>" }],
    ["has no output", { json: { status: "completed" } }],
    ["failed on their side", { json: { status: "failed", output: [] } }],
    ["is a list", { json: [] }],
  ])("that %s is malformed and may be tried again", async (_name, given) => {
    answer = given;
    expect(await respond()).toMatchObject({
      ok: false,
      code: "model.malformed",
      retryAfterMs: expect.any(Number) as number,
    });
  });
});

describe("a failure", () => {
  const failed = (status: number, code?: string, headers: Record<string, string> = {}): StubAnswer => ({
    status,
    headers,
    json: { error: { message: "CANARY prompt words", code } },
  });

  test.each<[number, string | undefined, string, boolean]>([
    [429, undefined, "model.rate_limited", true],
    [429, "insufficient_quota", "model.quota_exceeded", false],
    [500, undefined, "model.server_error", true],
    [503, undefined, "model.server_error", true],
    [408, undefined, "model.server_error", true],
    [401, undefined, "model.not_authorised", false],
    [403, undefined, "model.not_authorised", false],
    [400, undefined, "model.refused_request", false],
    [404, undefined, "model.refused_request", false],
  ])("with status %i %s is %s", async (status, code, expected, isRetryable) => {
    answer = failed(status, code);
    const result = await respond();
    expect(result).toMatchObject({ ok: false, code: expected, status });
    expect(!result.ok && result.retryAfterMs !== null).toBe(isRetryable);
    expect(stub.seen).toHaveLength(1);
    expect(JSON.stringify(result)).not.toContain("CANARY");
  });

  test("waits as long as the provider says, at most a minute", async () => {
    answer = failed(429, undefined, { "retry-after": "7" });
    expect(await respond()).toMatchObject({ retryAfterMs: 7_000 });
    answer = failed(429, undefined, { "retry-after-ms": "250" });
    expect(await respond()).toMatchObject({ retryAfterMs: 250 });
    answer = failed(503, undefined, { "retry-after": "86400" });
    expect(await respond()).toMatchObject({ retryAfterMs: 60_000 });
  });

  test("tells a time-out, a caller who left and a lost connection apart", async () => {
    answer = "hang";
    expect(await respond({ timeoutMs: 100 })).toMatchObject({ code: "model.timeout", retryAfterMs: 0 });
    const left = AbortSignal.abort();
    expect(await respond({ signal: left })).toMatchObject({ code: "model.aborted", retryAfterMs: null });
    answer = "drop";
    expect(await respond()).toMatchObject({ code: "model.unreachable" });
  });
});

describe("a slip", () => {
  const slip = {
    isSlip: true,
    isLegible: true,
    amount: "15,000",
    currency: "MMK",
    reference: " 0123456 ",
    paidAt: "2026-11-25T10:00:00+06:30",
    payee: "Ko Aung",
  };
  const read = () => model.readSlip({ jpeg: Buffer.from("JPEG"), timeoutMs: 2_000 });

  test("goes out as the picture alone, with a strict schema, and comes back as fields", async () => {
    answer = done(message(outputText(JSON.stringify(slip))));
    expect(await read()).toEqual({
      ok: true,
      reading: { ...slip, reference: "0123456", paidAt: new Date("2026-11-25T03:30:00Z") },
      usage: { inputTokens: 120, outputTokens: 8 },
    });
    const body = JSON.parse(stub.seen[0]?.body ?? "") as { text: unknown; input: unknown; store: boolean };
    expect(body.store).toBe(false);
    expect(body.text).toMatchObject({ format: { type: "json_schema", name: "payment_slip", strict: true } });
    expect(JSON.stringify(body.input)).toContain(
      `data:image/jpeg;base64,${Buffer.from("JPEG").toString("base64")}`,
    );
  });

  test.each([
    ["words instead of JSON", "I think it is paid"],
    ["a field missing", JSON.stringify({ ...slip, payee: undefined })],
    ["a number where a text belongs", JSON.stringify({ ...slip, amount: 15_000 })],
  ])("answered with %s may be tried again", async (_name, given) => {
    answer = done(message(outputText(given)));
    expect(await read()).toMatchObject({ ok: false, code: "model.malformed" });
  });

  test("keeps no impossible time and no endless text", async () => {
    answer = done(
      message(outputText(JSON.stringify({ ...slip, paidAt: "yesterday", payee: "x".repeat(5_000) }))),
    );
    const result = await read();
    expect(result).toMatchObject({ ok: true, reading: { paidAt: null, payee: "x".repeat(200) } });
  });

  test("that the model refuses to read is left to a person", async () => {
    answer = done(message({ type: "refusal", refusal: "no" }));
    expect(await read()).toMatchObject({
      ok: true,
      reading: { isSlip: true, isLegible: false, amount: null },
    });
  });
});
