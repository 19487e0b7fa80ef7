import { setPaymentCode } from "../../db/gateway-payments.ts";
import type { GatewayPaymentRow } from "../../db/gateway-payments.ts";
import { boughtOf, findUpgradeRequest, markMoneyCame } from "../../db/upgrade-requests.ts";
import { AppError } from "../../domain/app-error.ts";
import type { UpgradeRequestId } from "../../domain/id.ts";
import { isOpenUpgrade } from "../../domain/subscription/upgrade.ts";
import type { PaymentOwner } from "./payment-owner.ts";

/** An owner pays the platform for a plan, or for a package of credits. */
export const upgradeOwner: PaymentOwner = {
  async describe(deps, payment) {
    const ref = refOf(payment);
    const row = await deps.db.withShop(ref.shopId, (trx) => findUpgradeRequest(trx, ref));
    if (!row) throw new AppError("not_found", "upgrade.not_found", { internal: `upgrade ${ref.requestId}` });
    const title = boughtOf(row).kind === "plan" ? "Shopthread plan" : "Shopthread credits";
    return { isWanted: isOpenUpgrade(row.state), title };
  },

  /** The owner's own page draws it. */
  async showCode(deps, payment, { code, move }) {
    const { shop_id: shopId, id: paymentId } = payment;
    await deps.db.withShop(shopId, async (trx) => {
      if (await move(trx)) await setPaymentCode(trx, { shopId, paymentId, code });
    });
  },

  async ring(deps, payment, { isLate }) {
    const ref = refOf(payment);
    const now = deps.clock.now();
    await deps.db.withShop(ref.shopId, (trx) => markMoneyCame(trx, { ...ref, now }));
    await deps.atStep("upgrade.money_marked");
    await deps.processes.ringUpgrade({ ...ref, isLate });
  },

  /** The account is the platform's, whose people read the log and the list of money that is owed; the owner sees no code. */
  tellOfRefusal: () => Promise.resolve(),
};

function refOf({ shop_id: shopId, owner_id }: Pick<GatewayPaymentRow, "shop_id" | "owner_id">) {
  // Safe: the purpose says that the owner is a request.
  return { shopId, requestId: owner_id as UpgradeRequestId };
}
