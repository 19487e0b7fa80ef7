import { z } from "zod";
import { readBlocks, type ConversationBlock, type ShopBlock } from "./prompt-blocks.ts";

/** One tool call of this turn with what the product answered; `output` is undefined while there is no answer. */
export interface DoneCall {
  name: string;
  args: unknown;
  output: unknown;
}

export interface HistoryMessage {
  role: "user" | "assistant";
  text: string;
}

/** All that the demonstration knows: everything here was in the request body. */
export interface ModelRequest {
  model: string;
  instructions: string;
  shop: ShopBlock;
  conversation: ConversationBlock;
  history: HistoryMessage[];
  /** The customer's messages that nobody has answered yet, oldest first. */
  burst: string[];
  calls: DoneCall[];
  /** Names of the tools that may be called now; empty when `tool_choice` is "none". */
  tools: ReadonlySet<string>;
  slip: { prompt: string; imageUrl: string | undefined } | undefined;
}

const contentPart = z.looseObject({
  type: z.string(),
  text: z.string().optional(),
  image_url: z.string().nullish(),
});

const inputItem = z.looseObject({
  type: z.string().optional(),
  role: z.string().optional(),
  content: z.union([z.string(), z.array(contentPart)]).optional(),
  name: z.string().optional(),
  call_id: z.string().optional(),
  arguments: z.string().optional(),
  output: z.unknown().optional(),
});
type InputItem = z.infer<typeof inputItem>;

export const responseBody = z.looseObject({
  model: z.string().min(1),
  input: z.union([z.string(), z.array(inputItem)]),
  instructions: z.string().nullish(),
  tools: z.array(z.looseObject({ type: z.string(), name: z.string().optional() })).nullish(),
  tool_choice: z.unknown().optional(),
  text: z
    .looseObject({ format: z.looseObject({ type: z.string(), name: z.string().optional() }).optional() })
    .nullish(),
  max_output_tokens: z.number().int().positive().nullish(),
  stream: z.boolean().nullish(),
});
export type ResponseBody = z.infer<typeof responseBody>;

export function readRequest(body: ResponseBody): ModelRequest {
  const items: InputItem[] =
    typeof body.input === "string" ? [{ role: "user", content: body.input }] : body.input;
  const instructions = body.instructions ?? "";
  const start = startOfTurn(items);
  const turn = items.slice(start);
  return {
    model: body.model,
    instructions,
    ...readBlocks(instructions),
    history: items.slice(0, start).flatMap(asMessage),
    burst: readBurst(turn),
    calls: readCalls(turn),
    tools: new Set(body.tool_choice === "none" ? [] : (body.tools ?? []).flatMap((tool) => tool.name ?? [])),
    slip: readSlipQuestion(body, items),
  };
}

/**
 * The turn begins with the first customer message after the last assistant message that a customer message follows;
 * an assistant message without one after it (a refused answer that is to be repaired) still belongs to the turn.
 */
function startOfTurn(items: InputItem[]): number {
  const firstCall = items.findIndex((item) => item.type === "function_call");
  const end = firstCall === -1 ? items.length : firstCall;
  let start = items.slice(0, end).findLastIndex((item) => item.role === "user");
  while (start > 0 && items[start - 1]?.role !== "assistant") start -= 1;
  return Math.max(start, 0);
}

function readBurst(turn: InputItem[]): string[] {
  const firstOther = turn.findIndex((item) => item.type === "function_call" || item.role === "assistant");
  const asked = turn.slice(0, firstOther === -1 ? turn.length : firstOther);
  return asked.filter((item) => item.role === "user").map(textOf);
}

function readCalls(turn: InputItem[]): DoneCall[] {
  const outputs = new Map(
    turn
      .filter((item) => item.type === "function_call_output")
      .map((item) => [item.call_id ?? "", parseJson(item.output)]),
  );
  return turn
    .filter((item) => item.type === "function_call")
    .map((item) => ({
      name: item.name ?? "",
      args: parseJson(item.arguments),
      output: outputs.get(item.call_id ?? ""),
    }));
}

function readSlipQuestion(body: ResponseBody, items: InputItem[]): ModelRequest["slip"] {
  if (body.text?.format?.type !== "json_schema") return undefined;
  const parts = items.flatMap((item) => (Array.isArray(item.content) ? item.content : []));
  const image = parts.find((part) => part.type === "input_image");
  return { prompt: items.map(textOf).join("\n"), imageUrl: image?.image_url ?? undefined };
}

function asMessage(item: InputItem): HistoryMessage[] {
  if (item.role !== "user" && item.role !== "assistant") return [];
  return [{ role: item.role, text: textOf(item) }];
}

function textOf(item: InputItem): string {
  if (typeof item.content === "string") return item.content;
  return (item.content ?? []).map((part) => part.text ?? "").join("\n");
}

function parseJson(value: unknown): unknown {
  if (typeof value !== "string") return value;
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}
