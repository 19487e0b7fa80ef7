import { randomUUID } from "node:crypto";

/** As much of a Responses API request as decides what is answered. */
export type ModelRequest = { model?: string; input?: unknown };

export const replyText = "Thank you, it is in your cart.";

/**
 * Two calls a turn: the first puts a variant into the cart, the second, which sees the tool's result, is words.
 * The quantity alternates, so that each turn writes the cart's row.
 */
export function answerModel(request: ModelRequest, variantId: string): object {
  const items = Array.isArray(request.input) ? (request.input as { type?: string }[]) : [];
  const hasResult = items.some(({ type }) => type === "function_call_output");
  return {
    id: `resp_${randomUUID()}`,
    object: "response",
    created_at: Math.floor(Date.now() / 1_000),
    status: "completed",
    error: null,
    incomplete_details: null,
    model: request.model ?? "bench",
    output: hasResult ? [words()] : [call(variantId)],
    usage: { input_tokens: 900, output_tokens: 30, total_tokens: 930 },
  };
}

function words(): object {
  const content = [{ type: "output_text", text: replyText, annotations: [] }];
  return { type: "message", id: `msg_${randomUUID()}`, role: "assistant", status: "completed", content };
}

let calls = 0;

function call(variantId: string): object {
  calls += 1;
  return {
    type: "function_call",
    id: `fc_${randomUUID()}`,
    call_id: `call_${randomUUID()}`,
    name: "set_cart_line",
    arguments: JSON.stringify({ variantId, quantity: 1 + (calls % 3) }),
    status: "completed",
  };
}
