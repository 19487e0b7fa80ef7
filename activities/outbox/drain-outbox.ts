import {
  acquireSendLease,
  getSubjectState,
  lockConversation,
  releaseIdleLease,
  releaseSendLease,
} from "../../db/conversations.ts";
import {
  applyReceipts,
  claimPart,
  expireSendingParts,
  listOpenParts,
  peekSenderErrands,
  settlePart,
} from "../../db/outbox.ts";
import type { SendTarget } from "../../db/send-targets.ts";
import { AppError } from "../../domain/app-error.ts";
import { decodeBody } from "../../domain/conversation/message-body.ts";
import { newId } from "../../domain/id.ts";
import type { SendResult } from "../../domain/ports/messenger-client.ts";
import { shopSubject } from "../../domain/shop/shop-subject.ts";
import { openText } from "../open-text.ts";
import { copyStandby } from "../conversation/copy-standby.ts";
import type { ActivityDeps } from "../deps.ts";
import type { ConversationRef, OpenPart, Sending, Target } from "./open-part.ts";
import { isDue, isPageReady, typeInWindow } from "./may-send.ts";
import { resolvePart } from "./resolve-part.ts";
import { bodyPlace } from "./seal-message.ts";
import { settleSend } from "./settle-send.ts";
import type { Settled } from "./settle-send.ts";
import { settleUnknown } from "./settle-unknown.ts";
import { takeOwnerMessages } from "./take-owner-messages.ts";

const batch = 50;

/**
 * Sends what a conversation has queued, in order. Whoever has something to send calls it; one sender at a time
 * holds the conversation by a lease, and what it leaves is finished by the settler.
 * Safe to run twice: a part is taken by a guarded update and settled from the state in which it was taken.
 */
export async function drainOutbox(deps: ActivityDeps, ref: ConversationRef): Promise<void> {
  const owner = newId<string>();
  let mayHold = true;
  try {
    for (;;) {
      const work = await begin(deps, { ...ref, owner });
      mayHold = work !== undefined;
      if (!work) return;
      if (work.hasStandby) await copyStandby(deps, ref);
      const sent = await sendBatch(deps, { ...ref, owner }, work);
      if (sent === "nothing") return;
      mayHold = sent !== "all" && !(await isGivenBack(deps, { ...ref, owner }));
      if (!mayHold) return;
    }
  } finally {
    if (mayHold) await deps.db.withShop(ref.shopId, (trx) => releaseSendLease(trx, { ...ref, owner }));
  }
}

type Work = { hasStandby: boolean; parts: OpenPart[]; row: SendTarget };

/** False: more has come, and the lease is kept for it. */
function isGivenBack(deps: ActivityDeps, ref: Sending): Promise<boolean> {
  return deps.db.withShop(ref.shopId, async (trx) => {
    await lockConversation(trx, ref);
    return releaseIdleLease(trx, ref);
  });
}

/** Undefined, and the lease is not held: somebody else sends, or there is nothing to do. */
function begin(deps: ActivityDeps, ref: Sending): Promise<Work | undefined> {
  const { leaseMs } = deps.outbox;
  const now = deps.clock.now();
  return deps.db.withShop(ref.shopId, async (trx) => {
    await lockConversation(trx, ref);
    const row = await acquireSendLease(trx, { ...ref, leaseMs });
    if (!row) return undefined;
    const errands = await peekSenderErrands(trx, { ...ref, leaseMs });
    if (errands.hasOwnerMessages) await takeOwnerMessages(deps, trx, ref);
    if (errands.hasReceipts) await applyReceipts(trx, ref);
    if (errands.hasExpiredParts) await expireSendingParts(trx, { ...ref, leaseMs, nextAttemptAt: now });
    const parts = await listOpenParts(trx, { ...ref, limit: batch });
    if (parts.length === 0 && !errands.hasStandby) {
      await releaseSendLease(trx, ref);
      return undefined;
    }
    return { hasStandby: errands.hasStandby, parts, row };
  });
}

/** `some`: something changed, so that it is worth a second look; `all`: that look found nothing, the lease is given back. */
async function sendBatch(
  deps: ActivityDeps,
  ref: Sending,
  { parts, row }: Work,
): Promise<"nothing" | "some" | "all"> {
  const now = deps.clock.now();
  if (parts.length === 0 || !isPageReady(row, now)) return "nothing";
  const target = await openTarget(deps, ref, row);
  let sent: "nothing" | "some" = "nothing";
  for (const part of parts) {
    if (part.state === "sending") return sent; // somebody's send may still end; order is kept
    if (part.state === "unknown") {
      if (await settleUnknown(deps, ref, { part, target })) sent = "some";
      continue;
    }
    if (!isDue(part, now)) return sent;
    const step = await sendPart(deps, ref, { part, target, isLast: part === parts.at(-1) });
    if (step === "done") return "all";
    if (step === "again") return "some";
    if (step === "stop") return sent;
    if (step === "went_on") sent = "some";
  }
  return sent;
}

type ToSend = { part: OpenPart; target: Target; isLast: boolean };

/** `kept`: nothing changed and what follows may go on; `again`: it is queued anew. */
async function sendPart(
  deps: ActivityDeps,
  ref: Sending,
  { part, target, isLast }: ToSend,
): Promise<Settled | "kept" | "again"> {
  const now = deps.clock.now();
  const messagingType = typeInWindow(part, target.row, now);
  if (messagingType === undefined) return waitForWindow(deps, ref, part);
  // Before the claim: while the keyring is away the part stays queued, and between claim and send there is nothing.
  const content = await readContent(deps, ref, part);
  const startedAt = performance.now();
  const claimed = await claim(deps, ref, { part, target });
  if (claimed === "not_now") return "stop";
  if (claimed === "frozen") return "kept";
  if (claimed === "no_longer_fits") {
    await drop(deps, ref, part);
    return "went_on";
  }
  await deps.atStep("outbox.claimed");
  if (performance.now() - startedAt > deps.outbox.leaseMs / 2) {
    await giveBack(deps, ref, part);
    return "again";
  }
  const result =
    content === undefined
      ? ({ outcome: "refused", action: "permanent", code: 0 } as const)
      : await traceSend(deps, part, () =>
          deps.messenger.sendPart({
            page: target.page,
            psid: target.psid,
            content,
            messagingType,
            metadata: part.id,
          }),
        );
  await deps.atStep("outbox.sent");
  return settleSend(deps, ref, { part, target, result, begunAt: now, isLast });
}

/**
 * A process that stood still, or waited long for a lock, must not begin a send that ends beyond its lease: others may have
 * sent the part again by then. Its attempt tells whether it is still ours.
 */
async function giveBack(deps: ActivityDeps, ref: ConversationRef, part: OpenPart): Promise<void> {
  await deps.db.withShop(ref.shopId, (trx) =>
    settlePart(trx, {
      shopId: ref.shopId,
      id: part.id,
      from: ["sending"],
      attempt: part.attempts + 1,
      outcome: { state: "queued", nextAttemptAt: deps.clock.now(), errorCode: "send.too_late" },
    }),
  );
}

/** Whoever sends it, now or after an outage: it is told with its order, and leads to the echo that proves it. */
function traceSend({ trace }: ActivityDeps, part: OpenPart, send: () => Promise<SendResult>) {
  return trace.span("outbox.send", { outboxId: part.id, attempt: part.attempts + 1 }, () => {
    if (part.order_id !== null) trace.follows({ kind: "order", id: part.order_id });
    trace.leadsTo({ kind: "part", id: part.id });
    return send();
  });
}

/**
 * `not_now`: another sender has the conversation, or the Page is not what it was when its token was read. `frozen`: the
 * part waits until that ends; what is owed to the person of their own data may stand behind it.
 */
function claim(
  deps: ActivityDeps,
  ref: Sending,
  { part, target }: { part: OpenPart; target: Target },
): Promise<"claimed" | "no_longer_fits" | "not_now" | "frozen"> {
  const { leaseMs } = deps.outbox;
  const now = deps.clock.now();
  return deps.db.withShop(ref.shopId, async (trx) => {
    const row = await acquireSendLease(trx, { ...ref, leaseMs });
    if (!row || row.pageVersion !== target.row.pageVersion || !isPageReady(row, now)) return "not_now";
    if (await claimPart(trx, { shopId: ref.shopId, id: part.id, now })) return "claimed";
    return (await getSubjectState(trx, ref)) === "frozen" ? "frozen" : "no_longer_fits";
  });
}

async function waitForWindow(deps: ActivityDeps, ref: ConversationRef, part: OpenPart) {
  if (part.state === "waiting_for_window") return "kept" as const;
  await deps.db.withShop(ref.shopId, (trx) =>
    settlePart(trx, {
      shopId: ref.shopId,
      id: part.id,
      from: ["queued"],
      outcome: { state: "waiting_for_window", errorCode: null },
    }),
  );
  return "went_on" as const;
}

/** It no longer fits: a person writes now, or the customer's data is being erased. */
async function drop(deps: ActivityDeps, ref: ConversationRef, part: OpenPart): Promise<void> {
  await deps.db.withShop(ref.shopId, (trx) =>
    settlePart(trx, {
      shopId: ref.shopId,
      id: part.id,
      from: ["queued", "waiting_for_window"],
      outcome: { state: "dropped", errorCode: "no_longer_fits" },
    }),
  );
}

/** Undefined: it can never be read again, which must not hold what follows. A keyring that is away is another matter. */
async function readContent(deps: ActivityDeps, ref: ConversationRef, part: OpenPart) {
  if (part.body === null) return undefined;
  try {
    const [plaintext] = await deps.sealer.open([
      { place: bodyPlace({ ...ref, id: part.id }), sealed: part.body },
    ]);
    return plaintext === undefined ? undefined : await resolvePart(deps, ref, decodeBody(plaintext));
  } catch (err) {
    if (err instanceof AppError && err.kind === "unavailable") throw err;
    deps.log.error({ ...ref, outboxId: part.id, err }, "outbox.unreadable");
    return undefined;
  }
}

export async function openTarget(deps: ActivityDeps, ref: ConversationRef, row: SendTarget): Promise<Target> {
  const psidPlace = {
    shopId: ref.shopId,
    subjectId: ref.customerId,
    purpose: "chat",
    field: "customer.psid",
    rowId: ref.customerId,
  } as const;
  const [token, psid] = await openText(deps.sealer, [
    {
      place: {
        shopId: ref.shopId,
        subjectId: shopSubject(ref.shopId),
        purpose: "secret",
        field: "page.token",
        rowId: row.pageId,
      },
      sealed: row.token,
    },
    ...(row.psid === null ? [] : [{ place: psidPlace, sealed: row.psid }]),
  ]);
  return { page: { metaPageId: row.metaPageId, token: token ?? "" }, psid: psid ?? "", row };
}
