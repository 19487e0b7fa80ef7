import { agentTools } from "../../activities/agent/tools/index.ts";
import type { ModelAnswer, ModelInputItem } from "../../domain/ports/model-client.ts";
import type { BaselineDeps } from "./baseline-deps.ts";

export type Message = { pageId: string; psid: string; mid: string; text: string };

export type Asking = { instructions: string; input: ModelInputItem[] };
type Said = Extract<ModelAnswer, { ok: true }>;

/** What somebody would write in an afternoon: read, ask, write the cart, ask, send. */
export async function answerTurn(deps: BaselineDeps, message: Message): Promise<void> {
  const asking = await loadTurn(deps, message);
  if (!asking) return;
  const first = await ask(deps, asking);
  const shown = await runTool(deps, message, first);
  const last = await ask(deps, { ...asking, input: [...asking.input, ...shown] });
  await sendAnswer(deps, message, last);
}

/** Undefined: the message was here before. */
export async function loadTurn(deps: BaselineDeps, message: Message): Promise<Asking | undefined> {
  const { store } = deps;
  const { psid } = message;
  if (!(await store.keepMessage(psid, message.mid, message.text))) return undefined;
  const history = await store.readHistory(psid);
  const cart = await store.readCart(psid);
  const products = await store.listProducts();
  void showTyping(deps, message);
  return {
    instructions: `You sell for Bench Shop 001. ${JSON.stringify({ cart, products })}`,
    input: history.map(({ direction, body }) => {
      return { kind: "message", role: direction === "in" ? "user" : "assistant", text: body };
    }),
  };
}

async function showTyping({ messenger }: BaselineDeps, { pageId, psid }: Message): Promise<void> {
  const page = pageOf(pageId);
  await messenger.sendAction(page, psid, "mark_seen");
  await messenger.sendAction(page, psid, "typing_on");
}

export async function ask({ model }: BaselineDeps, { instructions, input }: Asking): Promise<Said> {
  const tools = agentTools.map(({ spec }) => spec);
  const said = await model.respond({
    instructions,
    input,
    tools,
    maxOutputTokens: 1_000,
    timeoutMs: 25_000,
  });
  if (!said.ok) throw new Error(said.code);
  return said;
}

export async function runTool(
  { store }: BaselineDeps,
  { psid }: Message,
  { calls }: Said,
): Promise<ModelInputItem[]> {
  const shown: ModelInputItem[] = [];
  for (const call of calls) {
    await store.saveCart(psid, JSON.parse(call.argumentsJson));
    shown.push(
      { kind: "call", ...call },
      { kind: "result", callId: call.callId, outputJson: '{"saved":true}' },
    );
  }
  return shown;
}

export async function sendAnswer(
  { store, messenger }: BaselineDeps,
  { pageId, psid, mid }: Message,
  { text }: Said,
): Promise<void> {
  await store.keepAnswer(psid, text);
  const content = { kind: "text" as const, text, quickReplies: [] };
  await messenger.sendPart({
    page: pageOf(pageId),
    psid,
    content,
    messagingType: "RESPONSE",
    metadata: mid,
  });
}

function pageOf(metaPageId: string) {
  return { metaPageId, token: "EAAbench" };
}
