import type { Context } from "hono";

import { insertGatewayPayment, listGatewayPayments } from "../../db/gateway-payments.ts";
import type { GatewayPaymentRow } from "../../db/gateway-payments.ts";
import type { UpgradeRequestRow } from "../../db/upgrade-requests.ts";
import { AppError } from "../../domain/app-error.ts";
import type { ApiSettings } from "../deps.ts";
import type { ApiEnv } from "../env.ts";
import { audit } from "./audit.ts";

/** By the platform's account and the provider, which takes kyats only. */
export function isPayableByCode(
  { platformMerchant }: ApiSettings,
  { currency, state }: UpgradeRequestRow,
): boolean {
  return platformMerchant !== null && currency === "MMK" && (state === "draft" || state === "asked_again");
}

/** What the provider was asked for last; undefined: nothing. */
export async function findUpgradePayment(
  c: Context<ApiEnv>,
  { shop_id: shopId, id: ownerId }: UpgradeRequestRow,
): Promise<GatewayPaymentRow | undefined> {
  const owner = { shopId, purpose: "upgrade", ownerId } as const;
  const payments = await c.var.deps.db.withShop(shopId, (trx) => listGatewayPayments(trx, owner));
  return payments.at(-1);
}

/**
 * Asks for a code; the worker's loop fetches it from the provider. Safe to run twice: one code can be paid at a time, and
 * an attempt has one row. Throws `gateway.not_offered` and `upgrade.{state}` (409).
 */
export async function payUpgradeByCode(c: Context<ApiEnv>, row: UpgradeRequestRow): Promise<void> {
  const { deps } = c.var;
  const { shop_id: shopId, id: ownerId, evidence_due_at: expiresAt } = row;
  if (expiresAt === null) throw notPayable(`upgrade.${row.state}`);
  if (!isPayableByCode(deps.settings, row)) throw notPayable("gateway.not_offered");
  const now = deps.clock.now();
  await deps.db.withShop(shopId, async (trx) => {
    const last = (await listGatewayPayments(trx, { shopId, purpose: "upgrade", ownerId })).at(-1);
    // Money that bought nothing stands in nobody's way.
    if (last !== undefined && last.state !== "closed" && last.owed_at === null) return;
    const isNew = await insertGatewayPayment(trx, {
      shopId,
      purpose: "upgrade",
      ownerId,
      attempt: (last?.attempt ?? 0) + 1,
      paymentMethodId: null,
      provider: "kbzpay",
      amount: { amountMinor: row.amount_minor, currency: row.currency },
      expiresAt,
      now,
    });
    if (isNew) await audit(trx, c, { action: "upgrade.code_requested", resourceId: ownerId });
  });
}

function notPayable(code: string): AppError {
  return new AppError("conflict", code, {
    internal: "the request waits for no money, or not by code",
    public: "This request cannot be paid by a code now.",
  });
}
