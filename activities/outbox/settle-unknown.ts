import { insertNotice } from "../../db/owner-notices.ts";
import {
  hasOtherOpenSend,
  listKnownMidHashes,
  resendPart,
  settlePart,
  stopAskingAboutPart,
} from "../../db/outbox.ts";
import { AppError } from "../../domain/app-error.ts";
import { decodeBody } from "../../domain/conversation/message-body.ts";
import { newId } from "../../domain/id.ts";
import { midHash } from "../../domain/messenger/mid-hash.ts";
import { hashSentText } from "../../clients/find-sent-message.ts";
import type { ActivityDeps } from "../deps.ts";
import type { ConversationRef, OpenPart, Target } from "./open-part.ts";
import { bodyPlace } from "./seal-message.ts";

/** Meta's clock and ours may differ. */
const clockToleranceMs = 2 * 60_000;

/**
 * "Sent, but the answer was lost": the echo had its time; now Messenger is asked. What certainly did not arrive is
 * sent again once if it is chat; an order message stays unknown, the owner is told, and nothing is sent blindly.
 * True when the part changed.
 */
export async function settleUnknown(
  deps: ActivityDeps,
  ref: ConversationRef,
  { part, target }: { part: OpenPart; target: Target },
): Promise<boolean> {
  const now = deps.clock.now();
  if (part.next_attempt_at > now) return false;
  const found = await ask(deps, ref, { part, target }).catch((err: unknown) => {
    if (err instanceof AppError && err.kind === "unavailable") throw err;
    return { outcome: "unknown" } as const; // a body that does not open cannot be recognised
  });
  return deps.db.withShop(ref.shopId, async (trx) => {
    const id = { shopId: ref.shopId, id: part.id };
    if (found.outcome === "found") {
      const outcome = {
        state: "sent",
        midHash: midHash(target.page.metaPageId, found.mid),
        sentAt: part.sending_at ?? now,
      } as const;
      return settlePart(trx, { ...id, from: ["unknown"], outcome });
    }
    if (found.outcome === "absent" && (await resendPart(trx, { ...id, now }))) return true;
    if (found.outcome === "unknown" && now.getTime() - part.created_at.getTime() < maxAskingMs(deps)) {
      const nextAttemptAt = new Date(now.getTime() + deps.outbox.askAgainMs);
      await settlePart(trx, { ...id, from: ["unknown"], outcome: { state: "unknown", nextAttemptAt } });
      return false;
    }
    await stopAskingAboutPart(trx, id);
    await insertNotice(trx, {
      shopId: ref.shopId,
      id: newId(),
      kind: "message_unknown",
      businessKey: `message:${part.id}:unknown`,
      customerId: ref.customerId,
      ...(part.order_id === null ? {} : { orderId: part.order_id }),
      data: {},
      now,
    });
    return false;
  });
}

function maxAskingMs(deps: ActivityDeps): number {
  return 30 * deps.outbox.askAgainMs;
}

async function ask(
  deps: ActivityDeps,
  ref: ConversationRef,
  { part, target }: { part: OpenPart; target: Target },
) {
  if (part.body === null) return { outcome: "absent" } as const;
  const [plaintext] = await deps.sealer.open([
    { place: bodyPlace({ ...ref, id: part.id }), sealed: part.body },
  ]);
  const body = plaintext === undefined ? undefined : decodeBody(plaintext);
  if (body === undefined) return { outcome: "unknown" } as const;
  const text = (body.content?.kind === "text" ? body.content.text : body.text) ?? "";
  const notBefore = new Date((part.sending_at ?? part.created_at).getTime() - clockToleranceMs);
  const since = new Date(notBefore.getTime() - clockToleranceMs); // when we say that another part was sent
  const { known, hasRival } = await deps.db.withShop(ref.shopId, async (trx) => ({
    known: await listKnownMidHashes(trx, { ...ref, id: part.id, since }),
    hasRival: await hasOtherOpenSend(trx, { ...ref, id: part.id }),
  }));
  const found = await deps.messenger.findSentMessage({
    page: target.page,
    psid: target.psid,
    textHash: hashSentText(text),
    notBefore,
    isKnown: (mid) => known.some((hash) => hash.equals(midHash(target.page.metaPageId, mid))),
  });
  // Messenger shows cards and pictures without words: one that nothing else accounts for is this part, or a rival of it.
  const isGuess = text === "" && hasRival && found.outcome === "found";
  return isGuess ? ({ outcome: "unknown" } as const) : found;
}
