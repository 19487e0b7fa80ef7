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
import type { ShopTransaction } from "../../db/connection.ts";
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

type Work = {
  hasStandby: boolean;
  parts: OpenPart[];
  row: SendTarget;
  /** When the first part was claimed together with the look at it, by `performance.now()`. */
  firstClaimedAt: number | undefined;
};

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
    // What another app's thread brought is copied first, and takes its time.
    const firstClaimedAt = errands.hasStandby ? undefined : await claimFirst(trx, { parts, row, now });
    return { hasStandby: errands.hasStandby, parts, row, firstClaimedAt };
  });
}

/** Undefined: it is not to be sent now, or no longer; whoever comes to it looks why. */
async function claimFirst(
  trx: ShopTransaction,
  { parts: [part], row, now }: { parts: OpenPart[]; row: SendTarget; now: Date },
): Promise<number | undefined> {
  if (!part || !isPageReady(row, now) || !isDue(part, now) || typeInWindow(part, row, now) === undefined)
    return undefined;
  const claimedAt = performance.now();
  return (await claimPart(trx, { shopId: part.shop_id, id: part.id, now })) ? claimedAt : undefined;
}

/** `some`: something changed, so that it is worth a second look; `all`: that look found nothing, the lease is given back. */
async function sendBatch(
  deps: ActivityDeps,
  ref: Sending,
  { parts, row, firstClaimedAt }: Work,
): Promise<"nothing" | "some" | "all"> {
  const now = deps.clock.now();
  // What is claimed goes out or is given back: it was due, should the clock have been set back since.
  const claimed = firstClaimedAt === undefined ? undefined : parts[0];
  if (parts.length === 0 || (!claimed && !isPageReady(row, now))) return "nothing";
  const target = await opening(deps, ref, claimed, () => openTarget(deps, ref, row));
  let sent: "nothing" | "some" = "nothing";
  for (const part of parts) {
    if (part.state === "sending") return sent; // somebody's send may still end; order is kept
    if (part.state === "unknown") {
      if (await settleUnknown(deps, ref, { part, target })) sent = "some";
      continue;
    }
    if (part !== claimed && !isDue(part, now)) return sent;
    const claimedAt = part === claimed ? firstClaimedAt : undefined;
    const step = await sendPart(deps, ref, { part, target, claimedAt, isLast: part === parts.at(-1) });
    if (step === "done") return "all";
    if (step === "again") return "some";
    if (step === "stop") return sent;
    if (step === "went_on") sent = "some";
  }
  return sent;
}

type ToSend = { part: OpenPart; target: Target; claimedAt: number | undefined; isLast: boolean };

/** `kept`: nothing changed and what follows may go on; `again`: it is queued anew. */
async function sendPart(
  deps: ActivityDeps,
  ref: Sending,
  { part, target, claimedAt, isLast }: ToSend,
): Promise<Settled | "kept" | "again"> {
  const now = deps.clock.now();
  const messagingType = typeInWindow(part, target.row, now);
  if (messagingType === undefined && claimedAt === undefined) return waitForWindow(deps, ref, part);
  const startedAt = claimedAt ?? performance.now();
  const claimed = claimedAt === undefined ? await claim(deps, ref, part) : "claimed";
  if (claimed === "not_now") return "stop";
  if (claimed === "no_longer_fits") {
    await drop(deps, ref, part);
    return "went_on";
  }
  await deps.atStep("outbox.claimed");
  const content = await opening(deps, ref, part, () => readContent(deps, ref, part));
  if (messagingType === undefined || performance.now() - startedAt > deps.outbox.leaseMs / 2) {
    await giveBack(deps, ref, { part, errorCode: "send.too_late" });
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

/** Opens what a claimed part needs. A keyring that is away makes nothing unknown: nothing of the part has gone out. */
async function opening<Opened>(
  deps: ActivityDeps,
  ref: ConversationRef,
  claimed: OpenPart | undefined,
  open: () => Promise<Opened>,
): Promise<Opened> {
  try {
    return await open();
  } catch (error) {
    if (claimed)
      await giveBack(deps, ref, {
        part: claimed,
        errorCode: "send.not_opened",
        afterMs: deps.outbox.openAgainMs,
      });
    throw error;
  }
}

/**
 * A process that stood still, or waited long for a key, must not begin a send that ends beyond its lease: others may have
 * sent the part again by then. Its attempt tells whether it is still ours.
 */
async function giveBack(
  deps: ActivityDeps,
  ref: ConversationRef,
  { part, errorCode, afterMs = 0 }: { part: OpenPart; errorCode: string; afterMs?: number },
): Promise<void> {
  const nextAttemptAt = new Date(deps.clock.now().getTime() + afterMs);
  await deps.db.withShop(ref.shopId, (trx) =>
    settlePart(trx, {
      shopId: ref.shopId,
      id: part.id,
      from: ["sending"],
      attempt: part.attempts + 1,
      outcome: { state: "queued", nextAttemptAt, errorCode },
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

/** `not_now`: another sender has the conversation, or its person is frozen and nothing is sent until that ends. */
function claim(
  deps: ActivityDeps,
  ref: Sending,
  part: OpenPart,
): Promise<"claimed" | "no_longer_fits" | "not_now"> {
  const { leaseMs } = deps.outbox;
  const now = deps.clock.now();
  return deps.db.withShop(ref.shopId, async (trx) => {
    if (!(await acquireSendLease(trx, { ...ref, leaseMs }))) return "not_now";
    if ((await getSubjectState(trx, ref)) === "frozen") return "not_now";
    return (await claimPart(trx, { shopId: ref.shopId, id: part.id, now })) ? "claimed" : "no_longer_fits";
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
    {
      place: {
        shopId: ref.shopId,
        subjectId: ref.customerId,
        purpose: "chat",
        field: "customer.psid",
        rowId: ref.customerId,
      },
      sealed: row.psid,
    },
  ]);
  return { page: { metaPageId: row.metaPageId, token: token ?? "" }, psid: psid ?? "", row };
}
