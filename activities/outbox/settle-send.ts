import { releaseIdleLease, updateConversation } from "../../db/conversations.ts";
import { insertNotice } from "../../db/owner-notices.ts";
import { settlePart } from "../../db/outbox.ts";
import type { PartOutcome } from "../../db/outbox.ts";
import { pausePage } from "../../db/page-health.ts";
import { newId } from "../../domain/id.ts";
import { backOffMs } from "../../domain/messenger/back-off.ts";
import { midHash } from "../../domain/messenger/mid-hash.ts";
import type { RefusedAction, SendResult } from "../../domain/ports/messenger-client.ts";
import type { ActivityDeps } from "../deps.ts";
import { breakPage } from "../upkeep/tell-of-page.ts";
import type { OpenPart, Sending, Target } from "./open-part.ts";

const halfHourMs = 30 * 60_000;
/** Meta counts our calls: sends that fail one after the other have a Page looked at once. */
const lookAgainMs = 60_000;

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
  const page = { shopId: ref.shopId, pageId: target.row.pageId };
  const { settled, isBroken } = await deps.db.withShop(ref.shopId, async (trx) => {
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
    const isBroken =
      result.outcome === "refused" &&
      result.action === "page_broken" &&
      (await breakPage(trx, {
        ...page,
        version: target.row.pageVersion,
        problem: `graph.${result.code}`,
        bySend: true,
        now: deps.clock.now(),
      }));
    const pauseMs = pauseOf(result);
    if (pauseMs > 0) {
      const until = new Date(deps.clock.now().getTime() + pauseMs);
      await pausePage(trx, { ...page, until });
    }
    if (outcome.state === "queued") return { settled: "stop" as const, isBroken };
    // That the Page spoke was written first, so the conversation is locked.
    const isDone = isLast && outcome.state === "sent" && (await releaseIdleLease(trx, ref));
    return { settled: isDone ? ("done" as const) : ("went_on" as const), isBroken };
  });
  // What is wrong with the Page is looked at now; while Temporal is away, within the hour.
  if (isBroken || isSuspect(deps, target, result)) {
    await deps.processes.tendPage(page).catch(() => undefined);
  }
  return settled;
}

/** A refusal that names no person may be the Page's: a token of another one, or an app that may not use it any more. */
function isSuspect({ clock }: ActivityDeps, { row }: Target, result: SendResult): boolean {
  if (result.outcome !== "refused" || result.action !== "permanent") return false;
  const { pageCheckedAt: lookedAt } = row;
  return lookedAt === null || clock.now().getTime() - lookedAt.getTime() >= lookAgainMs;
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
