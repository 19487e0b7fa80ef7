import { isSubjectActive, lockConversation } from "../../db/conversations.ts";
import { listRecent, replaceBody } from "../../db/messages.ts";
import { encodeBody } from "../../domain/conversation/message-body.ts";
import type { MessageBody } from "../../domain/conversation/message-body.ts";
import type { MessageId } from "../../domain/id.ts";
import { toAsciiDigits } from "../../domain/text/myanmar-digits.ts";
import type { SecretKind } from "../../domain/text/mask-secrets.ts";
import { maskTexts } from "../../domain/text/mask-texts.ts";
import type { ActivityDeps } from "../deps.ts";
import { bodyPlace } from "../outbox/seal-message.ts";
import { openMessages } from "./opened-message.ts";
import type { OpenedMessage } from "./opened-message.ts";

/** As many messages as the next prompt may show; halves further apart never stand side by side. */
const reach = 20;

/**
 * A card number or code in several messages comes in several webhooks, of which the door sees one at a time: here they
 * are at hand, before the model reads them, what earlier turns answered included. What is found leaves all stored bodies.
 */
export async function maskAcrossMessages(
  deps: ActivityDeps,
  batch: OpenedMessage[],
): Promise<OpenedMessage[]> {
  const [first] = batch;
  if (!first || !batch.some(({ body }) => digitsIn(body.text) >= fewestDigits)) return batch;
  const ref = { shopId: first.shop_id, customerId: first.customer_id };
  const recent = await deps.db.withShop(ref.shopId, (trx) => listRecent(trx, { ...ref, limit: reach }));
  const isNew = ({ id }: { id: MessageId }) => batch.some((message) => message.id === id);
  const before = await openMessages(
    deps.sealer,
    recent.filter((message) => message.direction === "in" && !isNew(message)),
  );
  const masked = maskTogether([...before, ...batch], before.length);
  await store(
    deps,
    masked.filter((message, index) => message !== (before[index] ?? batch[index - before.length])),
  );
  return masked.slice(before.length);
}

/** Shorter parts of a number are a quantity or a size. */
const fewestDigits = 3;

function digitsIn(text: string | undefined): number {
  return toAsciiDigits(text ?? "").replace(/\D/gu, "").length;
}

/** A message in which nothing was found is the same object. */
function maskTogether(messages: OpenedMessage[], from: number): OpenedMessage[] {
  const spoken = messages.flatMap((message, index) => (message.body.text === undefined ? [] : [index]));
  const texts = spoken.map((index) => messages[index]?.body.text ?? "");
  const masked = maskTexts(texts, spoken.filter((index) => index < from).length);
  return messages.map((message, index) => {
    const found = masked[spoken.indexOf(index)];
    return found === undefined || found.masked.length === 0
      ? message
      : withText(message, found.text, found.masked);
  });
}

function withText(message: OpenedMessage, text: string, masked: SecretKind[]): OpenedMessage {
  const { original: _, ...body } = message.body;
  const kinds = [...new Set([...(body.masked ?? []), ...masked])];
  return { ...message, body: { ...body, text, masked: kinds } satisfies MessageBody };
}

async function store(deps: ActivityDeps, messages: OpenedMessage[]): Promise<void> {
  const sealed = await deps.sealer.seal(
    messages.map((message) => ({
      place: bodyPlace({ shopId: message.shop_id, customerId: message.customer_id, id: message.id }),
      plaintext: encodeBody(message.body),
    })),
  );
  const [first] = messages;
  if (!first) return;
  const ref = { shopId: first.shop_id, customerId: first.customer_id };
  await deps.db.withShop(ref.shopId, async (trx) => {
    await lockConversation(trx, ref);
    if (!(await isSubjectActive(trx, ref))) return;
    for (const [index, { shop_id: shopId, id }] of messages.entries()) {
      const body = sealed[index];
      if (body) await replaceBody(trx, { shopId, id, body });
    }
  });
}
