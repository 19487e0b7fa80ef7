import { releaseIdleLease, updateConversation } from "../../db/conversations.ts";
import { insertNotice } from "../../db/owner-notices.ts";
import { settlePart } from "../../db/outbox.ts";
import type { PartOutcome } from "../../db/outbox.ts";
import { markPageBroken, pausePage } from "../../db/page-health.ts";
import { newId } from "../../domain/id.ts";
import { backOffMs } from "../../domain/messenger/back-off.ts";
import { midHash } from "../../domain/messenger/mid-hash.ts";
import type { RefusedAction, SendResult } from "../../domain/ports/messenger-client.ts";
import type { ActivityDeps } from "../deps.ts";
import type { OpenPart, Sending, Target } from "./open-part.ts";

const halfHourMs = 30 * 60_000;

/** `stop`: what follows must wait for it; `done`: nothing follows, and the lease is given back. */
export type Settled = "went_on" | "stop" | "done";

type Sent = { part: OpenPart; target: Target; result: SendResult; begunAt: Date; isLast: boolean };

/** Records what a send came to; after the last part it also looks whether anything more waits. */
export async function settleSend(
  deps: ActivityDeps,
  ref: Sending,
  { part, target, result, begunAt, isLast }: Sent,
): Promise<Settled> {
  const outcome = outcomeOf(deps, { part, target, result });
  return deps.db.withShop(ref.shopId, async (trx) => {
    const { id, attempts } = part;
    // The conversation before its parts, as everywhere.
    if (outcome.state === "sent") await updateConversation(trx, { ...ref, lastPageAt: begunAt });
    // A send that outlived its lease is `unknown` by now, or sent again; that it was sent is known all the same.
    await settlePart(
      trx,
      outcome.state === "sent"
        ? { shopId: ref.shopId, id, from: ["sending", "unknown"], outcome }
        : { shopId: ref.shopId, id, from: ["sending"], attempt: attempts + 1, outcome },
    );
    if (outcome.state === "failed" && part.audience !== "chat") {
      await insertNotice(trx, {
        shopId: ref.shopId,
        id: newId(),
        kind: "message_unknown",
        businessKey: `message:${part.id}:failed`,
        customerId: ref.customerId,
        ...(part.order_id === null ? {} : { orderId: part.order_id }),
        data: {},
        now: deps.clock.now(),
      });
    }
    if (result.outcome === "refused" && result.action === "page_broken") {
      await markPageBroken(trx, {
        shopId: ref.shopId,
        pageId: target.row.pageId,
        problem: `graph.${result.code}`,
      });
      await insertNotice(trx, {
        shopId: ref.shopId,
        id: newId(),
        kind: "page_broken",
        businessKey: `page:${target.row.pageId}:broken:${deps.clock.now().toISOString().slice(0, 10)}`,
        data: {},
        now: deps.clock.now(),
      });
    }
    const pauseMs = pauseOf(result);
    if (pauseMs > 0) {
      const until = new Date(deps.clock.now().getTime() + pauseMs);
      await pausePage(trx, { shopId: ref.shopId, pageId: target.row.pageId, until });
    }
    if (outcome.state === "queued") return "stop";
    // That the Page spoke was written first, so the conversation is locked.
    const isDone = isLast && outcome.state === "sent" && (await releaseIdleLease(trx, ref));
    return isDone ? "done" : "went_on";
  });
}

function outcomeOf(
  deps: ActivityDeps,
  { part, target, result }: { part: OpenPart; target: Target; result: SendResult },
): PartOutcome {
  const now = deps.clock.now();
  const after = (ms: number) => new Date(now.getTime() + ms);
  switch (result.outcome) {
    case "sent":
      return { state: "sent", midHash: midHash(target.page.metaPageId, result.mid), sentAt: now };
    case "unknown":
      return { state: "unknown", nextAttemptAt: after(deps.outbox.echoWaitMs) };
    case "retry": {
      const errorCode = `graph.${result.code ?? "busy"}`;
      // An order message is never given up, and is shown as waiting.
      if (part.audience === "chat" && part.attempts >= result.maxRetries)
        return { state: "failed", errorCode };
      return {
        state: "queued",
        nextAttemptAt: after(backOffMs({ afterMs: result.afterMs, attempts: part.attempts })),
        errorCode,
      };
    }
    case "refused":
      return refusedOutcome(result.action, {
        errorCode: `graph.${result.code}`,
        isChat: part.audience === "chat",
        after,
      });
  }
}

function refusedOutcome(
  action: RefusedAction,
  { errorCode, isChat, after }: { errorCode: string; isChat: boolean; after: (ms: number) => Date },
): PartOutcome {
  switch (action) {
    case "window":
      return { state: "waiting_for_window", errorCode };
    case "page_broken":
    case "page_restricted":
      return { state: "queued", nextAttemptAt: after(halfHourMs), errorCode };
    // Somebody answers in Messenger's own inbox: control of the thread lapses, and what is about an order still goes out.
    case "thread_taken":
      return isChat
        ? { state: "failed", errorCode }
        : { state: "queued", nextAttemptAt: after(halfHourMs), errorCode };
    case "permanent":
    case "person":
    case "attachment":
      return { state: "failed", errorCode };
  }
}

function pauseOf(result: SendResult): number {
  if (result.outcome === "refused" && result.action === "page_restricted") return halfHourMs;
  return result.outcome === "retry" && result.isPageWide ? result.afterMs : 0;
}
