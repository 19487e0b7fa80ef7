import { insertAccessReview, markAccessReviewReminded } from "../../db/access-reviews.ts";
import { platformShopId } from "../../db/accounts.ts";
import type { ShopTransaction } from "../../db/connection.ts";
import { mailAdmins } from "../../db/mail-admins.ts";
import { insertNotice } from "../../db/owner-notices.ts";
import { isPlatformToReview, listReviewsToRemind, listShopsToReview } from "../../db/system-access.ts";
import { accessReviewEveryMs, accessReviewRemindMs } from "../../domain/access/access-review.ts";
import { newId } from "../../domain/id.ts";
import type { AccessReviewId, NoticeId, ShopId } from "../../domain/id.ts";
import type { UpkeepDeps } from "./upkeep-deps.ts";

type ReviewDeps = Pick<UpkeepDeps, "db" | "system" | "clock" | "log">;
type Review = { shopId: ShopId; id: AccessReviewId };

const shopsALook = 100;

/**
 * Opens the reviews that a quarter makes due, of shops and of the platform, and reminds once of those that wait. Safe to
 * run twice: a shop has one open review, and a mark and its notice are one transaction.
 */
export async function openAccessReviews(deps: ReviewDeps): Promise<number> {
  const now = deps.clock.now();
  const before = new Date(now.getTime() - accessReviewEveryMs);
  const shops = await listShopsToReview(deps.system, { before, limit: shopsALook });
  if (await isPlatformToReview(deps.system, before)) shops.push(platformShopId);
  for (const shopId of shops) {
    const review = { shopId, id: newId<AccessReviewId>() };
    await tellIf(deps, review, {
      word: "opened",
      now,
      when: (trx) => insertAccessReview(trx, { ...review, now }),
    });
  }
  const openedBefore = new Date(now.getTime() - accessReviewRemindMs);
  const waiting = await listReviewsToRemind(deps.system, { openedBefore, limit: shopsALook });
  for (const review of waiting)
    await tellIf(deps, review, {
      word: "reminded",
      now,
      when: (trx) => markAccessReviewReminded(trx, { ...review, now }),
    });
  return shops.length + waiting.length;
}

type Telling = { word: "opened" | "reminded"; now: Date; when(trx: ShopTransaction): Promise<boolean> };

async function tellIf({ db, log }: ReviewDeps, review: Review, { word, now, when }: Telling): Promise<void> {
  const { shopId, id } = review;
  try {
    await db.withShop(shopId, async (trx) => {
      if (!(await when(trx))) return;
      const businessKey = `access_review:${id}:${word}`;
      if (shopId === platformShopId) {
        await mailAdmins(trx, { role: "compliance", kind: "access_review_waits", businessKey, now });
        return;
      }
      const kind = "access_review_due";
      await insertNotice(trx, { shopId, id: newId<NoticeId>(), kind, businessKey, data: {}, now });
    });
  } catch (error) {
    log.error({ shopId, err: error }, "access_review.not_told");
  }
}
