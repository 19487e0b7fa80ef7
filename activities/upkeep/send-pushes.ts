import { claimDuePushes, settlePush } from "../../db/owner-notices.ts";
import type { DuePush } from "../../db/owner-notices.ts";
import { getShop } from "../../db/shops.ts";
import { listShopsWithDuePushes } from "../../db/system-sweeps.ts";
import { toTypeId } from "../../domain/id.ts";
import type { ShopId } from "../../domain/id.ts";
import { noticeFacts, noticeText } from "../../domain/order/notice-texts.ts";
import { shopSubject } from "../../domain/shop/shop-subject.ts";
import type { Language } from "../../domain/shop/policies.ts";
import { openText } from "../open-text.ts";
import type { UpkeepDeps } from "./upkeep-deps.ts";

const batch = 50;
/** A worker that died while sending: the push is sent again, and replaces itself on the device by its notice. */
const leaseMs = 60_000;
const mostAttempts = 10;

/** Pushes what is due to each device of each shop. Safe to run twice: each part is claimed by a guarded update. */
export async function sendPushes(deps: UpkeepDeps): Promise<number> {
  const shops = await listShopsWithDuePushes(deps.system, deps.clock.now());
  let sent = 0;
  for (const shopId of shops) {
    const { due, language } = await claim(deps, shopId);
    const tokens = await openTokens(deps, shopId, due);
    for (const [index, push] of due.entries())
      await sendOne(deps, { shopId, push, token: tokens[index], language });
    sent += due.length;
  }
  return sent;
}

function claim(deps: UpkeepDeps, shopId: ShopId): Promise<{ due: DuePush[]; language: Language }> {
  const now = deps.clock.now();
  return deps.db.withShop(shopId, async (trx) => ({
    due: await claimDuePushes(trx, {
      shopId,
      now,
      leaseUntil: new Date(now.getTime() + leaseMs),
      limit: batch,
    }),
    language: (await getShop(trx, { shopId })).languages[0] ?? "en",
  }));
}

function openTokens(deps: UpkeepDeps, shopId: ShopId, due: DuePush[]): Promise<(string | undefined)[]> {
  if (due.length === 0) return Promise.resolve([]);
  return openText(
    deps.sealer,
    due.map((push) => ({
      place: {
        shopId,
        subjectId: shopSubject(shopId),
        purpose: "secret",
        field: "device.token",
        rowId: push.device_id,
      },
      sealed: push.token,
    })),
  );
}

async function sendOne(
  deps: UpkeepDeps,
  {
    shopId,
    push,
    token,
    language,
  }: { shopId: ShopId; push: DuePush; token: string | undefined; language: Language },
): Promise<void> {
  const text = noticeText(push.kind, noticeFacts(push.data), language);
  const result =
    token === undefined || !push.hasReader
      ? ({ outcome: "gone" } as const)
      : await deps.push.sendPush({
          deviceToken: token,
          noticeId: push.notice_id,
          ...text,
          path:
            push.order_id === null ? "/console/notices" : `/console/orders/${toTypeId("ord", push.order_id)}`,
        });
  const now = deps.clock.now();
  const isGivenUp = result.outcome === "retry" && push.attempts >= mostAttempts;
  await deps.db.withShop(shopId, (trx) =>
    settlePush(trx, {
      shopId,
      noticeId: push.notice_id,
      deviceId: push.device_id,
      state: isGivenUp ? "failed" : stateOf(result.outcome),
      nextAttemptAt: new Date(now.getTime() + (result.outcome === "retry" ? result.afterMs : 0)),
      errorCode: result.outcome === "refused" ? result.code : null,
      now,
    }),
  );
}

function stateOf(outcome: "sent" | "gone" | "retry" | "refused") {
  switch (outcome) {
    case "sent":
    case "gone":
      return outcome;
    case "retry":
      return "queued";
    case "refused":
      return "failed";
  }
}
