import { checkGateways } from "../../activities/gateway/check-gateways.ts";
import { decideSubscription } from "../../activities/subscription/decide-subscription.ts";
import { applyPayment } from "../../activities/upgrade/apply-payment.ts";
import { decideUpgrade } from "../../activities/upgrade/decide-upgrade.ts";
import { createUpgradeActivities } from "../../activities/upgrade/index.ts";
import type { UpkeepDeps } from "../../activities/upkeep/upkeep-deps.ts";
import { platformShopId } from "../../db/accounts.ts";
import {
  findPlanPaymentOfAnyShop,
  insertReversalNote,
  recordTransferBack,
  withdrawReversal,
} from "../../db/admin-plan-payments.ts";
import { reserveCredits, settleCredits } from "../../db/credits.ts";
import { attributeReferral } from "../../db/referrals.ts";
import { lockUpgradeRequest } from "../../db/upgrade-requests.ts";
import { newId } from "../../domain/id.ts";
import type {
  AccountId,
  GatewayPaymentId,
  MessageId,
  PlanPaymentId,
  ShopId,
  TurnId,
  UpgradeRequestId,
} from "../../domain/id.ts";
import type { PaymentGateway } from "../../domain/ports/payment-gateway.ts";
import type { ReversalKind } from "../../domain/subscription/reversal.ts";
import { defaultUpgradeTimings } from "../../domain/subscription/timings.ts";
import { upkeepDeps } from "../activities/upkeep-deps.ts";
import { createOwnerWorld } from "../api/owner-world.ts";
import { notSealed } from "./conversation-world.ts";

/** Of the platform at its provider: what was given back, and whether it gives anything back. */
class Wallet {
  isRefusing = false;
  private readonly refunds = new Map<string, Set<string>>();

  readonly gateway: PaymentGateway = {
    createPayment: notUsed,
    queryPayment: notUsed,
    closePayment: notUsed,
    refund: async (_, { merchantOrderId, refundNumber }) => {
      if (this.isRefusing) return { outcome: "refused", code: "NO_MONEY" };
      this.refunds.set(merchantOrderId, (this.refunds.get(merchantOrderId) ?? new Set()).add(refundNumber));
      return { outcome: "done" };
    },
    queryRefund: async (_, { merchantOrderId, refundNumber }) =>
      this.refunds.get(merchantOrderId)?.has(refundNumber) === true ? "done" : "absent",
  };

  countRefunds(merchantOrderId: string): number {
    return this.refunds.get(merchantOrderId)?.size ?? 0;
  }
}

function notUsed(): Promise<never> {
  return Promise.reject(new Error("not used in this test"));
}

/** Payments that admins take back, with the provider's answers; no Temporal. */
export async function createReversalWorld() {
  const world = await createOwnerWorld();
  const wallet = new Wallet();
  const deps: UpkeepDeps = upkeepDeps(world, {
    gateways: { kbzpay: wallet.gateway },
    platformMerchant: { appId: "app", merchantCode: "100001", merchantKey: "key" },
  });
  const upgrades = createUpgradeActivities(deps);
  // As the request's workflow does when it is rung.
  deps.processes.ringUpgrade = async (ref) => {
    let snapshot = await upgrades.loadUpgrade(ref);
    while (snapshot.next?.deadline === "bookUpgradeMoney") snapshot = await upgrades.bookUpgradeMoney(ref);
  };
  const addAccount = async () => (await world.addAccount()).accountId;
  const [payer, referrer] = [await addAccount(), await addAccount()];
  await world.owner.query(
    `insert into referral_participants (id, account_id, code, terms_version, joined_at, created_at)
      values ($1, $2, 'ABCDEFGH', 1, now(), now())`,
    [newId<string>(), referrer],
  );
  await world.deps.db.withShopSerialisable(platformShopId, (trx) =>
    attributeReferral(trx, { accountId: payer, code: "ABCDEFGH", source: "sign_up", now: new Date() }),
  );
  // The last one earns of what is paid, and decides nothing.
  const admins = [await addAccount(), await addAccount(), await addAccount(), referrer];
  return { ...world, deps, adminDb: world.deps.admin, wallet, payer, admins };
}

export type ReversalWorld = Awaited<ReturnType<typeof createReversalWorld>>;

/** What was paid, and how. */
export type Paid = { isPlan: boolean; isByCode: boolean; needsSecondApproval: boolean };

export type ReversalStory = Paid & {
  world: ReversalWorld;
  shopId: ShopId;
  requestId: UpgradeRequestId;
  paymentId: PlanPaymentId;
  /** Null: it came by transfer. */
  gatewayPaymentId: GatewayPaymentId | null;
  turns: TurnId[];
};

export const paidMinor = 45_000;

export async function beginReversalStory(world: ReversalWorld, paid: Paid): Promise<ReversalStory> {
  const { shopId } = await world.addShop();
  const requestId = newId<UpgradeRequestId>();
  await world.owner.query(
    "insert into subjects (shop_id, id, kind, created_at) values ($1, $2, 'upgrade', now())",
    [shopId, requestId],
  );
  const [plan, topUp] = paid.isPlan ? [["starter", 1], []] : [[], ["small", 1]];
  await world.owner.query(
    `insert into upgrade_requests (shop_id, id, plan_code, plan_version, top_up_code, top_up_version, amount_minor,
        currency, state, timings, needs_second_approval, requested_by, created_at)
      values ($1, $2, $3, $4, $5, $6, $7, 'MMK', 'approved', $8, false, $9, now())`,
    [shopId, requestId, plan[0], plan[1], topUp[0], topUp[1], paidMinor, defaultUpgradeTimings, world.payer],
  );
  const gatewayPaymentId = paid.isByCode ? newId<GatewayPaymentId>() : null;
  if (gatewayPaymentId !== null) {
    await world.owner.query(
      `insert into gateway_payments (shop_id, id, purpose, owner_id, attempt, provider, merchant_order_id, state,
          amount_minor, currency, paid_minor, paid_at, booked_at, expires_at, created_at, updated_at)
        values ($1, $2, 'upgrade', $3, 1, 'kbzpay', $4, 'paid', $5, 'MMK', $5, now(), now(), now(), now(), now())`,
      [shopId, gatewayPaymentId, requestId, merchantOrderId(gatewayPaymentId), paidMinor],
    );
  }
  await approve(world, { shopId, requestId });
  const { rows } = await world.owner.query<{ id: PlanPaymentId }>(
    "select id from plan_payments where request_id = $1 union all select id from top_up_payments where request_id = $1",
    [requestId],
  );
  const paymentId = rows[0]?.id ?? newId<PlanPaymentId>();
  return { ...paid, world, shopId, requestId, paymentId, gatewayPaymentId, turns: [] };
}

export function merchantOrderId(id: GatewayPaymentId): string {
  return id.replaceAll("-", "");
}

async function approve(
  { deps, worker }: ReversalWorld,
  ref: { shopId: ShopId; requestId: UpgradeRequestId },
): Promise<void> {
  await worker.withShop(ref.shopId, async (trx) => {
    const request = await lockUpgradeRequest(trx, ref);
    await applyPayment(trx, { request, invoicing: deps.invoicing, now: deps.clock.now() });
  });
}

/** `which`: of the turns; `credits`: what one reserves, or uses of it. */
export type ReversalCommand = {
  what: (typeof reversalCommands)[number];
  by: number;
  kind: ReversalKind;
  which: number;
  credits: number;
};
export const reversalCommands = [
  "reverse",
  "withdraw",
  "record_transfer",
  "ask_again",
  "by_hand",
  "look",
  "refuse_refunds",
  "reserve",
  "settle",
  "approve_again",
] as const;

export async function carryOut(story: ReversalStory, command: ReversalCommand): Promise<void> {
  const { world, shopId, paymentId } = story;
  const by = world.admins[command.by] as AccountId;
  const said = { shopId, paymentId, by, now: world.deps.clock.now() };
  switch (command.what) {
    case "reverse":
      return reverse(story, by, command.kind);
    case "withdraw":
      await withdrawReversal(world.adminDb, said);
      return;
    case "record_transfer": {
      const note = { noteId: newId<MessageId>(), body: notSealed("reference") };
      await recordTransferBack(world.adminDb, { ...said, ...note });
      return;
    }
    case "ask_again":
      return refundMoney(story, by, "gateway");
    case "by_hand":
      return refundMoney(story, by, "transfer");
    case "look":
      return look(story.world);
    case "refuse_refunds":
      world.wallet.isRefusing = !world.wallet.isRefusing;
      return;
    case "reserve":
      return reserve(story, command.credits);
    case "settle": {
      const turnId = story.turns[command.which];
      if (turnId !== undefined) await settle(story, turnId, command.credits);
      return;
    }
    case "approve_again":
      return approve(world, story);
  }
}

/** As the admin's route does. */
async function reverse(story: ReversalStory, by: AccountId, kind: ReversalKind): Promise<void> {
  const { world, shopId, paymentId, needsSecondApproval } = story;
  const reversal = (await findPlanPaymentOfAnyShop(world.adminDb, paymentId))?.reversal ?? null;
  const noteId = newId<MessageId>();
  const note = { shopId, paymentId, noteId, body: notSealed("reason"), now: world.deps.clock.now() };
  if (reversal === null) await insertReversalNote(world.adminDb, note);
  await decideSubscription(world.deps, {
    shopId,
    name: "reversePlanPayment",
    request: {
      by: { accountId: by, apiKeyId: null },
      paymentId,
      kind,
      reasonNoteId: reversal?.reason_note_id ?? noteId,
      needsSecondApproval,
      reversalId: reversal?.id ?? null,
    },
  });
}

async function refundMoney(
  { world, shopId, requestId, gatewayPaymentId }: ReversalStory,
  by: AccountId,
  way: "gateway" | "transfer",
): Promise<void> {
  if (gatewayPaymentId === null) return;
  const asked = { by: { accountId: by, apiKeyId: null }, paymentId: gatewayPaymentId, way };
  await decideUpgrade(world.deps, {
    shopId,
    requestId,
    name: "refundUpgradeMoney",
    request: { ...asked, effectKey: newId<string>() },
  });
}

/** The worker's loop, for as long as it takes to believe a refusal. */
export async function look({ deps, passTime }: Pick<ReversalWorld, "deps" | "passTime">): Promise<void> {
  for (let looks = 0; looks < 4; looks += 1) {
    await checkGateways(deps);
    passTime(6 * 60_000);
  }
}

async function reserve({ world, shopId, turns }: ReversalStory, upperBound: number): Promise<void> {
  const turnId = newId<TurnId>();
  turns.push(turnId);
  const turn = { shopId, turnId, upperBound, isRetry: false, willAskAgain: false };
  await world.worker.withShop(shopId, (trx) => reserveCredits(trx, { ...turn, now: world.deps.clock.now() }));
}

export async function settle(
  { world, shopId }: ReversalStory,
  turnId: TurnId,
  credits: number,
): Promise<void> {
  const charge = credits === 0 ? null : { credits, costMicroUsd: 1, rateVersion: 1 };
  await world.worker.withShop(shopId, (trx) =>
    settleCredits(trx, { shopId, turnId, charge, now: world.deps.clock.now() }),
  );
}
