import type { ShopTransaction } from "../../db/connection.ts";
import { boughtOf } from "../../db/upgrade-requests.ts";
import type { UpgradeRequestRow } from "../../db/upgrade-requests.ts";
import type { Invoicing } from "../../domain/invoice/invoice.ts";
import { issueInvoice } from "../invoice/issue-invoice.ts";
import { applyPlanPayment } from "./apply-plan-payment.ts";
import { applyTopUp } from "./apply-top-up.ts";

/**
 * What the money of a request does, in the transaction of its approval; once, whoever approves. Answers the number of its
 * invoice. `ringSubscription` follows.
 */
export async function applyPayment(
  trx: ShopTransaction,
  { request, invoicing, now }: { request: UpgradeRequestRow; invoicing: Invoicing; now: Date },
): Promise<string> {
  const bought = boughtOf(request);
  switch (bought.kind) {
    case "plan":
      await applyPlanPayment(trx, { request, now });
      break;
    case "top_up":
      await applyTopUp(trx, { request, topUp: bought, now });
  }
  return issueInvoice(trx, { request, invoicing, now });
}
