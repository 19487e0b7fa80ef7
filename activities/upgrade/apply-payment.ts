import type { ShopTransaction } from "../../db/connection.ts";
import { boughtOf } from "../../db/upgrade-requests.ts";
import type { UpgradeRequestRow } from "../../db/upgrade-requests.ts";
import { applyPlanPayment } from "./apply-plan-payment.ts";
import { applyTopUp } from "./apply-top-up.ts";

/** What the money of a request does, in the transaction of its approval; once, whoever approves. `ringSubscription` follows. */
export function applyPayment(
  trx: ShopTransaction,
  { request, now }: { request: UpgradeRequestRow; now: Date },
): Promise<void> {
  const bought = boughtOf(request);
  switch (bought.kind) {
    case "plan":
      return applyPlanPayment(trx, { request, now });
    case "top_up":
      return applyTopUp(trx, { request, topUp: bought, now });
  }
}
