import OpenAI from "openai";
import type {
  Response,
  ResponseCreateParamsNonStreaming,
  ResponseInputItem,
} from "openai/resources/responses/responses";
import { z } from "zod";
import type {
  ModelAnswer,
  ModelClient,
  ModelFailure,
  ModelInputItem,
  ModelTool,
  ModelUsage,
} from "../domain/ports/model-client.ts";
import { startDeadline } from "./call-deadline.ts";
import type { Egress } from "./egress.ts";
import { failureOf } from "./model-errors.ts";
import { readSlipAnswer, slipRequest } from "./slip-request.ts";

export type ModelOptions = { egress: Egress; apiKey: string; baseUrl: string; model: string };

type Call = { timeoutMs: number; signal?: AbortSignal };

/** What a complete answer must have; anything else of it is ignored. */
const answerSchema = z.object({
  status: z.enum(["completed", "incomplete"]),
  incomplete_details: z.object({ reason: z.string().optional() }).nullish(),
  output: z.array(z.unknown()),
  usage: z
    .object({ input_tokens: z.number().int().nonnegative(), output_tokens: z.number().int().nonnegative() })
    .nullish(),
});
const itemSchema = z.union([
  z.object({
    type: z.literal("message"),
    content: z.array(
      z.union([
        z.object({ type: z.literal("output_text"), text: z.string() }),
        z.object({ type: z.literal("refusal") }),
      ]),
    ),
  }),
  z.object({
    type: z.literal("function_call"),
    call_id: z.string().min(1),
    name: z.string().min(1),
    arguments: z.string(),
  }),
]);

/** OpenAI's Responses API. One call, no retry, nothing stored there and nothing logged here. */
export function createModelClient({ egress, apiKey, baseUrl, model }: ModelOptions): ModelClient {
  // The package's own log could print prompts.
  const openai = new OpenAI({
    apiKey,
    baseURL: baseUrl,
    maxRetries: 0,
    logLevel: "off",
    fetch: (url, init) => egress.fetch("model", url instanceof Request ? url.url : url, init),
  });

  async function call(
    body: Omit<ResponseCreateParamsNonStreaming, "model" | "store" | "stream">,
    { timeoutMs, signal: callerSignal }: Call,
  ): Promise<{ ok: true; response: Response } | ModelFailure> {
    // The package's own time-out ends when headers come, this one covers the body too.
    const deadline = startDeadline(timeoutMs, callerSignal);
    try {
      const request = { ...body, model, store: false, stream: false } as const;
      return {
        ok: true,
        response: await openai.responses.create(request, { signal: deadline.signal }),
      };
    } catch (error) {
      return failureOf(error, {
        isTimeout: deadline.isTimeout(),
        isAborted: callerSignal?.aborted === true,
      });
    } finally {
      deadline.end();
    }
  }

  return {
    async respond({ instructions, input, tools, toolChoice = "auto", maxOutputTokens, ...limits }) {
      const called = await call(
        {
          instructions,
          input: input.map(toInputItem),
          tools: tools.map(toTool),
          tool_choice: toolChoice,
          parallel_tool_calls: false,
          max_output_tokens: maxOutputTokens,
        },
        limits,
      );
      return called.ok ? readAnswer(called.response) : called;
    },

    async readSlip({ jpeg, ...limits }) {
      const called = await call(slipRequest(jpeg), limits);
      const answer = called.ok ? readAnswer(called.response) : called;
      return answer.ok ? readSlipAnswer(answer) : answer;
    },
  };
}

function toInputItem(item: ModelInputItem): ResponseInputItem {
  switch (item.kind) {
    case "message":
      return item.role === "user"
        ? { role: "user", content: [{ type: "input_text", text: item.text }] }
        : // Stateless: an answer of an earlier turn has no id any more, which the package's types do not foresee.
          ({ role: "assistant", content: [{ type: "output_text", text: item.text }] } as ResponseInputItem);
    case "call":
      return { type: "function_call", call_id: item.callId, name: item.name, arguments: item.argumentsJson };
    case "result":
      return { type: "function_call_output", call_id: item.callId, output: item.outputJson };
  }
}

function toTool({ name, description, parameters }: ModelTool) {
  return { type: "function", name, description, parameters, strict: true } as const;
}

function readAnswer(response: unknown): ModelAnswer {
  const parsed = answerSchema.safeParse(response);
  if (!parsed.success) return { ok: false, code: "model.malformed", retryAfterMs: 1_000 };
  const { status, incomplete_details: details, output, usage } = parsed.data;
  // Items of other kinds (reasoning) are left out.
  const items = output.flatMap((item) => itemSchema.safeParse(item).data ?? []);
  const contents = items.flatMap((item) => (item.type === "message" ? item.content : []));
  return {
    ok: true,
    text: contents.map((content) => (content.type === "output_text" ? content.text : "")).join(""),
    calls: items.flatMap((item) =>
      item.type === "function_call"
        ? [{ callId: item.call_id, name: item.name, argumentsJson: item.arguments }]
        : [],
    ),
    ending: endingOf(
      status,
      details?.reason,
      contents.some(({ type }) => type === "refusal"),
    ),
    usage: usageOf(usage),
  };
}

function endingOf(status: string, reason: string | undefined, isRefused: boolean) {
  if (status === "incomplete") return reason === "content_filter" ? "filtered" : "cut";
  return isRefused ? "refused" : "complete";
}

function usageOf(usage: { input_tokens: number; output_tokens: number } | null | undefined): ModelUsage {
  return { inputTokens: usage?.input_tokens ?? 0, outputTokens: usage?.output_tokens ?? 0 };
}
