import type { Context } from "hono";

import type { ShopTransaction } from "../../db/connection.ts";
import { listOfferedPlans } from "../../db/plans.ts";
import { findShop } from "../../db/shops.ts";
import { listOfferedTopUps } from "../../db/top-ups.ts";
import {
  asOpenElsewhere,
  findUpgradeRequest,
  insertUpgradeRequest,
  upgradeSubject,
} from "../../db/upgrade-requests.ts";
import { AppError } from "../../domain/app-error.ts";
import type { UpgradeRequestId } from "../../domain/id.ts";
import type { Currency, Money } from "../../domain/money.ts";
import { needsSecondApproval } from "../../domain/subscription/second-approval.ts";
import type { Bought } from "../../domain/subscription/upgrade.ts";
import type { ApiEnv } from "../env.ts";
import { audit } from "./audit.ts";
import { found } from "./fields.schema.ts";
import { nameReferrer, readReferrer } from "./name-referrer.ts";

/** Names what an owner asks for, in its newest version. */
export type Wanted = { kind: Bought["kind"]; code: string };

/**
 * Makes the request with its key, and wakes its process. Safe to run twice: the row has the id of the Idempotency-Key.
 * Throws `plan.not_offered` or `top_up.not_offered` (404), `upgrade.already_open` (409), and what `nameReferrer` says of
 * the code that came with it.
 */
export async function openUpgrade(
  c: Context<ApiEnv>,
  requestId: UpgradeRequestId,
  { referralCode = null, ...wanted }: Wanted & { referralCode?: string | null },
): Promise<void> {
  const { deps, actor } = c.var;
  const { shopId, accountId } = actor;
  if (accountId === null) throw new TypeError("keys have no scope for this");
  const { bought, price } = await findOffer(c, wanted);
  const now = deps.clock.now();
  const keys = await deps.sealer.makeKeys([
    { shopId, subjectId: upgradeSubject(requestId), kind: "upgrade" },
  ]);
  const { timings, secondApprovalAbove } = deps.settings.upgrades;
  const referrer =
    referralCode === null ? undefined : await readReferrer(c, { accountId, code: referralCode });
  const begin = referrer === undefined ? deps.db.withShop : deps.db.withShopSerialisable;
  const isNew = await begin(shopId, async (trx) => {
    if (await findUpgradeRequest(trx, { shopId, requestId })) return false;
    if (referrer !== undefined) await nameReferrer(trx, c, referrer);
    await insertUpgradeRequest(trx, {
      shopId,
      requestId,
      bought,
      price,
      timings,
      needsSecondApproval: needsSecondApproval(price, secondApprovalAbove),
      requestedBy: accountId,
      keys,
      now,
    });
    const { kind: _, ...ref } = bought;
    const data = { ...ref, ...price };
    await audit(trx, c, { action: "upgrade.requested", resourceId: requestId, data });
    return true;
  }).catch((error: unknown) => {
    deps.sealer.forget(upgradeSubject(requestId));
    return asOpenElsewhere(error);
  });
  if (!isNew) deps.sealer.forget(upgradeSubject(requestId));
  ring(c, requestId);
}

type Offer = { bought: Bought; price: Money };

/**
 * The newest version of it, at its price in the shop's currency. Throws `plan.not_offered` or `top_up.not_offered` (404).
 */
export async function findOffer(c: Context<ApiEnv>, wanted: Wanted): Promise<Offer> {
  const { deps, actor } = c.var;
  return deps.db.withShop(actor.shopId, async (trx) => {
    const { currency } = found(await findShop(trx, actor.shopId), "shop");
    const offer = await findVersion(trx, wanted);
    const amountMinor = offer?.prices[currency];
    if (offer === undefined || amountMinor === undefined) throw notOffered(wanted);
    return { bought: offer.bought, price: { amountMinor, currency } };
  });
}

type Version = { bought: Bought; prices: Partial<Record<Currency, number>> };

async function findVersion(trx: ShopTransaction, { kind, code }: Wanted): Promise<Version | undefined> {
  switch (kind) {
    case "plan": {
      const plan = (await listOfferedPlans(trx)).find((offered) => offered.code === code);
      return plan && { bought: { kind, planCode: code, planVersion: plan.version }, prices: plan.prices };
    }
    case "top_up": {
      const topUp = (await listOfferedTopUps(trx)).find((offered) => offered.code === code);
      return (
        topUp && { bought: { kind, topUpCode: code, topUpVersion: topUp.version }, prices: topUp.prices }
      );
    }
  }
}

function notOffered({ kind }: Wanted): AppError {
  return new AppError("not_found", `${kind}.not_offered`, {
    internal: "there is none, or it has no price in the shop's currency",
    public:
      kind === "plan" ? "There is no such plan for this shop." : "There is no such package for this shop.",
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
