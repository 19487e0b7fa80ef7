import { createHash, timingSafeEqual } from "node:crypto";
import type { Context } from "hono";
import { bodyLimit } from "hono/body-limit";

import { createLimiter } from "../../clients/limiter.ts";
import { listPagesByMetaId } from "../../db/system.ts";
import type { KnownPage } from "../../db/system.ts";
import { AppError } from "../../domain/app-error.ts";
import type { CustomerId } from "../../domain/id.ts";
import { parseWebhook } from "../../domain/messenger/parse-webhook.ts";
import type { ParsedPage } from "../../domain/messenger/parse-webhook.ts";
import { verifySignature } from "../../domain/messenger/verify-signature.ts";
import type { ApiEnv } from "../env.ts";
import { HttpProblem } from "../problem.ts";
import type { ApiRouter } from "../router.ts";
import { receivePage } from "./receive-page.ts";

const maxBytes = 2 * 1024 * 1024;
/** A request may concern a thousand conversations; Temporal is not to see them all in the same instant. */
const ringsAtOnce = 20;

/**
 * Meta's door. Whatever is signed gets 200 as soon as it is committed, and only then: an hour of other answers, and
 * Meta unsubscribes the Page. Content that we do not understand is no reason for another answer.
 */
export function mountMessengerWebhook(app: ApiRouter): void {
  app.get("/webhooks/messenger", (c) => {
    const { verifyToken } = c.var.deps.settings.messenger;
    const isOurs = verifyToken !== "" && isSame(c.req.query("hub.verify_token") ?? "", verifyToken);
    const challenge = c.req.query("hub.challenge");
    if (c.req.query("hub.mode") === "subscribe" && isOurs && challenge !== undefined)
      return c.text(challenge);
    throw new AppError("forbidden", "webhook.refused", { internal: "wrong verify token or mode" });
  });

  app.post("/webhooks/messenger", bodyLimit({ maxSize: maxBytes, onError: tooLarge }), async (c) => {
    const { deps, metrics } = c.var;
    if (!/^application\/json\b/i.test(c.req.header("content-type") ?? "")) {
      metrics.webhooks.add({ outcome: "not_json" });
      throw new HttpProblem(415, "webhook.not_json", "The body must be application/json.");
    }
    const body = new Uint8Array(await c.req.arrayBuffer());
    const { appSecrets } = deps.settings.messenger;
    if (!verifySignature(body, c.req.header("x-hub-signature-256"), appSecrets)) {
      metrics.webhooks.add({ outcome: "bad_signature" });
      throw new AppError("unauthenticated", "webhook.signature_invalid", { internal: "bad signature" });
    }
    const parsed = parseWebhook(body);
    if (!parsed.ok) {
      metrics.webhooks.add({ outcome: parsed.reason });
      deps.log.warn({ requestId: c.var.requestId, reason: parsed.reason }, "webhook.not_understood");
      return c.text("EVENT_RECEIVED");
    }
    await receivePages(c, parsed.pages);
    metrics.webhooks.add({ outcome: "received" });
    return c.text("EVENT_RECEIVED");
  });
}

/** One transaction a Page. What stops one Page does not stop the others, but it stops the 200. */
async function receivePages(c: Context<ApiEnv>, pages: ParsedPage[]): Promise<void> {
  const { deps, metrics } = c.var;
  const known = await listPagesByMetaId(
    deps.system,
    pages.map(({ pageId }) => pageId),
  );
  const byMetaId = new Map(known.map((page) => [page.metaPageId, page]));
  const failures: unknown[] = [];
  for (const parsed of pages) {
    const page = byMetaId.get(parsed.pageId);
    if (page === undefined || page.state === "disconnected") {
      metrics.events.add({ kind: "any", outcome: "unknown_page" }, countOf(parsed));
      continue;
    }
    try {
      const { toRing, outcomes } = await receivePage(deps, page, parsed);
      for (const labels of outcomes) metrics.events.add(labels);
      ring(c, page, toRing);
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}

function countOf({ events, pageEvents, rejects }: ParsedPage): number {
  return events.length + pageEvents.length + rejects.length;
}

/** After commit, and nobody waits: the sweeper rings for whatever is still unclaimed. */
function ring(c: Context<ApiEnv>, page: KnownPage, customerIds: CustomerId[]): void {
  const { deps, metrics, background, requestId } = c.var;
  const { shopId, conversationTimings: timings } = page;
  const limited = createLimiter(ringsAtOnce);
  for (const customerId of customerIds) {
    background(
      limited(async () => {
        try {
          await deps.trace.span("bell.ring", { shopId, customerId }, () =>
            deps.processes.ringConversation({ shopId, customerId, timings }),
          );
          metrics.bells.add({ outcome: "rung" });
        } catch (error) {
          metrics.bells.add({ outcome: "failed" });
          const code = error instanceof AppError ? error.code : "unexpected";
          deps.log.warn({ requestId, shopId, customerId, code }, "conversation.not_rung");
        }
      }),
    );
  }
}

function tooLarge(c: Context): never {
  (c as Context<ApiEnv>).var.metrics.webhooks.add({ outcome: "too_large" });
  throw new HttpProblem(413, "webhook.too_large", "The body is larger than 2 MB.");
}

/** Constant time, also in the length. */
function isSame(left: string, right: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(left), digest(right));
}
