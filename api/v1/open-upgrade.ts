import type { Context } from "hono";

import { listOfferedPlans } from "../../db/plans.ts";
import { findShop } from "../../db/shops.ts";
import {
  asOpenElsewhere,
  findUpgradeRequest,
  insertUpgradeRequest,
  upgradeSubject,
} from "../../db/upgrade-requests.ts";
import { AppError } from "../../domain/app-error.ts";
import type { UpgradeRequestId } from "../../domain/id.ts";
import type { Money } from "../../domain/money.ts";
import type { PlanRef } from "../../domain/subscription/plan.ts";
import { needsSecondApproval } from "../../domain/subscription/second-approval.ts";
import type { ApiEnv } from "../env.ts";
import { audit } from "./audit.ts";
import { found } from "./fields.schema.ts";

/**
 * Makes the request with its key, and wakes its process. Safe to run twice: the row has the id of the Idempotency-Key.
 * Throws `plan.not_offered` (404) and `upgrade.already_open` (409).
 */
export async function openUpgrade(
  c: Context<ApiEnv>,
  requestId: UpgradeRequestId,
  planCode: string,
): Promise<void> {
  const { deps, actor } = c.var;
  const { shopId, accountId } = actor;
  if (accountId === null) throw new TypeError("keys have no scope for this");
  const { plan, price } = await findOffer(c, planCode);
  const now = deps.clock.now();
  const keys = await deps.sealer.makeKeys([
    { shopId, subjectId: upgradeSubject(requestId), kind: "upgrade" },
  ]);
  const { timings, secondApprovalAbove } = deps.settings.upgrades;
  const isNew = await deps.db
    .withShop(shopId, async (trx) => {
      if (await findUpgradeRequest(trx, { shopId, requestId })) return false;
      await insertUpgradeRequest(trx, {
        shopId,
        requestId,
        plan,
        price,
        timings,
        needsSecondApproval: needsSecondApproval(price, secondApprovalAbove),
        requestedBy: accountId,
        keys,
        now,
      });
      const data = { ...plan, ...price };
      await audit(trx, c, { action: "upgrade.requested", resourceId: requestId, data });
      return true;
    })
    .catch((error: unknown) => {
      deps.sealer.forget(upgradeSubject(requestId));
      return asOpenElsewhere(error);
    });
  if (!isNew) deps.sealer.forget(upgradeSubject(requestId));
  ring(c, requestId);
}

/** The newest version of a plan, at its price in the shop's currency. Throws `plan.not_offered` (404). */
export async function findOffer(
  c: Context<ApiEnv>,
  planCode: string,
): Promise<{ plan: PlanRef; price: Money }> {
  const { deps, actor } = c.var;
  const { shop, plans } = await deps.db.withShop(actor.shopId, async (trx) => ({
    shop: found(await findShop(trx, actor.shopId), "shop"),
    plans: await listOfferedPlans(trx),
  }));
  const { currency } = shop;
  const plan = plans.find(({ code }) => code === planCode);
  const amountMinor = plan?.prices[currency];
  if (plan === undefined || amountMinor === undefined) throw notOffered();
  return {
    plan: { planCode: plan.code, planVersion: plan.version },
    price: { amountMinor, currency },
  };
}

function notOffered(): AppError {
  return new AppError("not_found", "plan.not_offered", {
    internal: "no such plan, or no price in the shop's currency",
    public: "There is no such plan for this shop.",
  });
}

/** The row is the truth: with Temporal away its process only starts later. */
function ring(c: Context<ApiEnv>, requestId: UpgradeRequestId): void {
  const { deps, actor, background } = c.var;
  const ref = { shopId: actor.shopId, requestId };
  background(
    deps.processes.ringUpgrade(ref).catch((err: unknown) => {
      deps.log.warn({ ...ref, err }, "upgrade.ring_failed");
    }),
  );
}
