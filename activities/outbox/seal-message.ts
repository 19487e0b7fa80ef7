import { encodeBody } from "../../domain/conversation/message-body.ts";
import type { OutboundContent } from "../../domain/conversation/outbound.ts";
import { newId } from "../../domain/id.ts";
import type { CustomerId, MessageId, ShopId } from "../../domain/id.ts";
import type { Sealed, SealedPlace, Sealer } from "../../domain/sealing.ts";

export type SealedPart = { id: MessageId; kind: string; body: Sealed };

/** Where the body of a message is sealed; the same in the intake, in messages and for what goes out. */
export function bodyPlace(ref: { shopId: ShopId; customerId: CustomerId; id: MessageId }): SealedPlace {
  return {
    shopId: ref.shopId,
    subjectId: ref.customerId,
    purpose: "chat",
    field: "message.body",
    rowId: ref.id,
  };
}

/** Gives each part its id, which is the outbox's, and seals it; before the transaction that queues it. */
export async function sealParts(
  sealer: Sealer,
  ref: { shopId: ShopId; customerId: CustomerId },
  contents: readonly OutboundContent[],
): Promise<SealedPart[]> {
  const parts = contents.map((content) => ({ id: newId<MessageId>(), content }));
  const bodies = await sealer.seal(
    parts.map(({ id, content }) => ({
      place: bodyPlace({ ...ref, id }),
      plaintext: encodeBody({ content }),
    })),
  );
  return parts.flatMap(({ id, content }, index) => {
    const body = bodies[index];
    return body ? [{ id, kind: content.kind, body }] : [];
  });
}

/** A text as parts that Messenger takes, the quick replies under the last one. */
export function textContent(
  text: string,
  quickReplies: { title: string; payload: string }[] = [],
): OutboundContent {
  return { kind: "text", text, quickReplies };
}
