import { lockConversation } from "../../db/conversations.ts";
import { listRecent, replaceBody } from "../../db/messages.ts";
import type { MessageRow } from "../../db/messages.ts";
import { encodeBody } from "../../domain/conversation/message-body.ts";
import type { MessageBody } from "../../domain/conversation/message-body.ts";
import type { CustomerId, MessageId, ShopId } from "../../domain/id.ts";
import type { Sealed } from "../../domain/sealing.ts";
import { toAsciiDigits } from "../../domain/text/myanmar-digits.ts";
import type { SecretKind } from "../../domain/text/mask-secrets.ts";
import { maskTexts } from "../../domain/text/mask-texts.ts";
import type { ActivityDeps } from "../deps.ts";
import { bodyPlace } from "../outbox/seal-message.ts";
import { openMessages } from "./opened-message.ts";
import type { OpenedMessage } from "./opened-message.ts";

/** As many messages as the next prompt may show; halves further apart never stand side by side. */
export const reach = 20;

/**
 * A card number or code in several messages comes in several webhooks, of which the door sees one at a time: here they
 * are at hand, before the model reads them, what earlier turns answered included. What is found leaves all stored bodies.
 */
export async function maskAcrossMessages(
  deps: ActivityDeps,
  batch: OpenedMessage[],
): Promise<OpenedMessage[]> {
  const [first] = batch;
  if (!first) return batch;
  const ref = { shopId: first.shop_id, customerId: first.customer_id };
  const { fresh, found } = await maskAgainst(deps, batch, () =>
    deps.db.withShop(ref.shopId, (trx) => listRecent(trx, { ...ref, limit: reach })),
  );
  if (found.size > 0) await store(deps, ref, found);
  return fresh;
}

/** Less than a message, and the same for one of the intake. */
type Spoken = { shop_id: ShopId; customer_id: CustomerId; id: MessageId; body: MessageBody };

/** `found`: the new bodies of the messages in which something was, whichever side of the border they stand. */
type Masked<Message extends Spoken> = { fresh: Message[]; found: Map<MessageId, Sealed> };

/** What just came, and what it makes a secret of in the history, which is read only when there may be one. */
export async function maskAgainst<Message extends Spoken>(
  deps: ActivityDeps,
  fresh: Message[],
  readRecent: () => Promise<readonly MessageRow[]>,
): Promise<Masked<Message>> {
  if (!fresh.some(({ body }) => digitsIn(body.text) >= fewestDigits)) return { fresh, found: new Map() };
  const isFresh = ({ id }: { id: MessageId }) => fresh.some((message) => message.id === id);
  const recent = (await readRecent()).filter((message) => message.direction === "in" && !isFresh(message));
  const before: Spoken[] = await openMessages(deps.sealer, recent);
  const bodies = maskTogether(
    [...before, ...fresh].map(({ body }) => body),
    before.length,
  );
  const masked = fresh.map((message, index) => ({
    ...message,
    body: bodies[before.length + index] ?? message.body,
  }));
  const changed = [...before, ...fresh].flatMap((message, index) => {
    const body = bodies[index];
    return body === undefined || body === message.body ? [] : [{ ...message, body }];
  });
  return { fresh: masked, found: await seal(deps, changed) };
}

/** Shorter parts of a number are a quantity or a size. */
const fewestDigits = 3;

function digitsIn(text: string | undefined): number {
  return toAsciiDigits(text ?? "").replace(/\D/gu, "").length;
}

/** A body in which nothing was found is the same object. */
function maskTogether(bodies: MessageBody[], from: number): MessageBody[] {
  const spoken = bodies.flatMap((body, index) => (body.text === undefined ? [] : [index]));
  const texts = spoken.map((index) => bodies[index]?.text ?? "");
  const masked = maskTexts(texts, spoken.filter((index) => index < from).length);
  return bodies.map((body, index) => {
    const found = masked[spoken.indexOf(index)];
    return found === undefined || found.masked.length === 0 ? body : withText(body, found.text, found.masked);
  });
}

function withText(found: MessageBody, text: string, masked: SecretKind[]): MessageBody {
  const { original: _, ...body } = found;
  const kinds = [...new Set([...(body.masked ?? []), ...masked])];
  return { ...body, text, masked: kinds };
}

async function seal({ sealer }: ActivityDeps, messages: Spoken[]): Promise<Map<MessageId, Sealed>> {
  const sealed = await sealer.seal(
    messages.map(({ shop_id: shopId, customer_id: customerId, id, body }) => ({
      place: bodyPlace({ shopId, customerId, id }),
      plaintext: encodeBody(body),
    })),
  );
  return new Map(
    messages.flatMap(({ id }, index) => {
      const body = sealed[index];
      return body === undefined ? [] : [[id, body]];
    }),
  );
}

async function store(
  deps: ActivityDeps,
  ref: { shopId: ShopId; customerId: CustomerId },
  found: Masked<Spoken>["found"],
): Promise<void> {
  await deps.db.withShop(ref.shopId, async (trx) => {
    const { subject_state: state } = await lockConversation(trx, ref);
    if (state !== "active") return;
    for (const [id, body] of found) await replaceBody(trx, { shopId: ref.shopId, id, body });
  });
}
