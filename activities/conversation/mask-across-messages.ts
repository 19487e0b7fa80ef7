import { findWordsBefore, replaceBody } from "../../db/messages.ts";
import { encodeBody } from "../../domain/conversation/message-body.ts";
import type { MessageBody } from "../../domain/conversation/message-body.ts";
import { toAsciiDigits } from "../../domain/text/myanmar-digits.ts";
import { maskAcross } from "../../domain/text/mask-secrets.ts";
import type { SecretKind } from "../../domain/text/mask-secrets.ts";
import type { ActivityDeps } from "../deps.ts";
import { bodyPlace } from "../outbox/seal-message.ts";
import { openMessages } from "./opened-message.ts";
import type { OpenedMessage } from "./opened-message.ts";

/** Halves of one secret are sent within minutes. */
const reachMs = 10 * 60_000;

/**
 * A card number or code in two messages comes in two webhooks, of which the door sees one at a time: here both are at
 * hand, before the model reads them. What is found leaves both stored bodies.
 */
export async function maskAcrossMessages(
  deps: ActivityDeps,
  batch: OpenedMessage[],
): Promise<OpenedMessage[]> {
  const [first] = batch;
  if (!first || !batch.some(({ body }) => /\d{3}/u.test(toAsciiDigits(body.text ?? "")))) return batch;
  const before = await deps.db.withShop(first.shop_id, (trx) =>
    findWordsBefore(trx, {
      shopId: first.shop_id,
      customerId: first.customer_id,
      before: first,
      since: new Date(first.occurred_at.getTime() - reachMs),
    }),
  );
  const [previous] = await openMessages(deps.sealer, before ? [before] : []);
  const masked = maskNeighbours([...(previous ? [previous] : []), ...batch]);
  await store(deps, masked.changed);
  return masked.messages.slice(previous ? 1 : 0);
}

function maskNeighbours(messages: OpenedMessage[]): { messages: OpenedMessage[]; changed: OpenedMessage[] } {
  const result = [...messages];
  const changed = new Set<number>();
  for (let index = 1; index < result.length; index += 1) {
    const [left, right] = [result[index - 1], result[index]];
    if (left?.body.text === undefined || right?.body.text === undefined) continue;
    const { previous, text, masked } = maskAcross(left.body.text, right.body.text);
    if (text === right.body.text) continue;
    result[index] = withText(right, text, masked);
    changed.add(index);
    if (previous === left.body.text) continue;
    result[index - 1] = withText(left, previous, masked);
    changed.add(index - 1);
  }
  return { messages: result, changed: result.filter((_, index) => changed.has(index)) };
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
  await deps.db.withShop(first.shop_id, async (trx) => {
    for (const [index, { shop_id: shopId, id }] of messages.entries()) {
      const body = sealed[index];
      if (body) await replaceBody(trx, { shopId, id, body });
    }
  });
}
