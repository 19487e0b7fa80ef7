import { randomUUID } from "node:crypto";
import type { Response, ResponseOutputItem } from "openai/resources/responses/responses";
import type { ResponseBody } from "./read-request.ts";

export interface ToolCall {
  name: string;
  /** JSON text, as it goes over the wire: the adversary also sends text that is no JSON. */
  arguments: string;
}

/** What a mode decided; `text` alone is the final answer of the turn. */
export interface Answer {
  calls?: ToolCall[];
  text?: string;
  refusal?: string;
  /** The limit of output tokens ended it. */
  isCut?: boolean;
  /** Only looks around, so that the deed comes in the next round. */
  isPreparing?: boolean;
}

export function toolCall(name: string, args: unknown): ToolCall {
  return { name, arguments: JSON.stringify(args) };
}

/** The Responses API object as openai 6.49 types it, with the request's settings mirrored back. */
export function toResponse(body: ResponseBody, answer: Answer, now: Date): Response {
  const output = toOutput(answer);
  const seconds = Math.floor(now.getTime() / 1000);
  return {
    id: newId("resp"),
    object: "response",
    created_at: seconds,
    completed_at: seconds,
    status: answer.isCut ? "incomplete" : "completed",
    background: false,
    error: null,
    incomplete_details: answer.isCut ? { reason: "max_output_tokens" } : null,
    instructions: body.instructions ?? null,
    max_output_tokens: body.max_output_tokens ?? null,
    metadata: {},
    model: body.model,
    output,
    output_text: answer.text ?? "",
    parallel_tool_calls: false,
    previous_response_id: null,
    service_tier: "default",
    temperature: 1,
    text: { format: { type: "text" } },
    tool_choice: "auto",
    tools: [],
    top_p: 1,
    usage: countUsage(body, output),
  };
}

/** Errors look like OpenAI's; the package turns them into its error classes by status. */
export function toError(message: string, options: { code?: string; param?: string; type?: string } = {}) {
  return {
    error: {
      message,
      type: options.type ?? "invalid_request_error",
      param: options.param ?? null,
      code: options.code ?? null,
    },
  };
}

export function newId(prefix: "resp" | "fc" | "call" | "msg" | "req"): string {
  return `${prefix}_${randomUUID().replaceAll("-", "")}`;
}

function toOutput(answer: Answer): ResponseOutputItem[] {
  const calls = (answer.calls ?? []).map((call): ResponseOutputItem => ({
    type: "function_call",
    id: newId("fc"),
    call_id: newId("call"),
    name: call.name,
    arguments: call.arguments,
    status: "completed",
  }));
  const content: Extract<ResponseOutputItem, { type: "message" }>["content"] = [];
  if (answer.text !== undefined) content.push({ type: "output_text", text: answer.text, annotations: [] });
  if (answer.refusal !== undefined) content.push({ type: "refusal", refusal: answer.refusal });
  if (content.length === 0) return calls;
  return [...calls, { type: "message", id: newId("msg"), role: "assistant", status: "completed", content }];
}

/** About four UTF-8 bytes a token: only the proportions matter to whoever counts credits. */
function countUsage(body: ResponseBody, output: ResponseOutputItem[]): NonNullable<Response["usage"]> {
  const images = /data:image\/[^"]+/gu;
  const asked = JSON.stringify([body.instructions, body.input, body.tools]).replaceAll(
    images,
    "x".repeat(3000),
  );
  const inputTokens = countTokens(asked);
  const outputTokens = countTokens(JSON.stringify(output));
  return {
    input_tokens: inputTokens,
    input_tokens_details: { cached_tokens: 0, cache_write_tokens: 0 },
    output_tokens: outputTokens,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: inputTokens + outputTokens,
  };
}

function countTokens(text: string): number {
  return Math.max(1, Math.ceil(Buffer.byteLength(text) / 4));
}
