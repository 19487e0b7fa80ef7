import { agentTools } from "../../activities/agent/tools/index.ts";
import type { MessengerClient } from "../../domain/ports/messenger-client.ts";
import type { ModelClient, ModelInputItem } from "../../domain/ports/model-client.ts";
import type { BaselineStore } from "./baseline-store.ts";

export type Message = { pageId: string; psid: string; mid: string; text: string };

type Deps = { store: BaselineStore; messenger: MessengerClient; model: ModelClient };

/** What somebody would write in an afternoon: read, ask, write the cart, ask, send. */
export async function answerTurn({ store, messenger, model }: Deps, message: Message): Promise<void> {
  const { psid } = message;
  const page = { metaPageId: message.pageId, token: "EAAbench" };
  if (!(await store.keepMessage(psid, message.mid, message.text))) return;
  const [history, cart, products] = [
    await store.readHistory(psid),
    await store.readCart(psid),
    await store.listProducts(),
  ];
  void messenger
    .sendAction(page, psid, "mark_seen")
    .then(() => messenger.sendAction(page, psid, "typing_on"));
  const instructions = `You sell for Bench Shop 001. ${JSON.stringify({ cart, products })}`;
  let input: ModelInputItem[] = history.map(({ direction, body }) => {
    return { kind: "message", role: direction === "in" ? "user" : "assistant", text: body };
  });
  const tools = agentTools.map(({ spec }) => spec);
  const ask = () => model.respond({ instructions, input, tools, maxOutputTokens: 1_000, timeoutMs: 25_000 });
  let said = await ask();
  for (; said.ok && said.calls.length > 0; said = await ask()) {
    for (const call of said.calls) {
      await store.saveCart(psid, JSON.parse(call.argumentsJson));
      input = [
        ...input,
        { kind: "call", ...call },
        { kind: "result", callId: call.callId, outputJson: '{"saved":true}' },
      ];
    }
  }
  if (!said.ok) throw new Error(said.code);
  await store.keepAnswer(psid, said.text);
  const content = { kind: "text" as const, text: said.text, quickReplies: [] };
  await messenger.sendPart({ page, psid, content, messagingType: "RESPONSE", metadata: message.mid });
}
