import { lockConversation } from "../../db/conversations.ts";
import type { ShopTransaction } from "../../db/connection.ts";
import type { GatewayPaymentRow } from "../../db/gateway-payments.ts";
import { getOrder } from "../../db/orders.ts";
import { enqueueMessage, notifySender } from "../../db/outbox.ts";
import { insertNotice } from "../../db/owner-notices.ts";
import { newId } from "../../domain/id.ts";
import type { OrderId } from "../../domain/id.ts";
import { readOrderView } from "../order/order-view.ts";
import { waitsForMoney } from "../order/waits-for-money.ts";
import { sealParts, textContent } from "../outbox/seal-message.ts";
import type { PaymentOwner } from "./payment-owner.ts";
import { storeCodePicture } from "./store-code-picture.ts";

/** A customer pays an order. */
export const orderOwner: PaymentOwner = {
  async describe(deps, payment) {
    const ref = refOf(payment);
    const order = await deps.db.withShop(ref.shopId, (trx) => getOrder(trx, ref));
    return { isWanted: waitsForMoney(order), title: `Order ${order.number ?? ""}` };
  },

  async showCode(deps, payment, { code, move }) {
    const { shopId, orderId } = refOf(payment);
    const view = await readOrderView(deps, { shopId, orderId });
    const { customer_id: customerId } = view.order;
    const picture = await storeCodePicture(deps, { shopId, customerId }, code);
    const text = view.say.payByCode({
      orderNumber: view.number,
      total: { amountMinor: payment.amount_minor, currency: payment.currency },
      methodName: view.method.name,
    });
    const parts = await sealParts(deps.sealer, { shopId, customerId }, [
      textContent(text),
      { kind: "image", objectId: picture.objectId },
    ]);
    const now = deps.clock.now();
    await deps.atStep("gateway.drawn");
    await deps.db.withShop(shopId, async (trx) => {
      await lockConversation(trx, { shopId, customerId });
      if (!(await move(trx))) return;
      await picture.keep(trx, now);
      await enqueueMessage(trx, {
        shopId,
        customerId,
        audience: "order",
        author: "system",
        businessKey: `${orderId}:pay:${payment.id}`,
        orderId,
        parts,
        now,
      });
      await notifySender(trx, { shopId, customerId });
    });
  },

  async ring(deps, payment, { isLate }) {
    const ref = refOf(payment);
    deps.trace.leadsTo({ kind: "order", id: ref.orderId });
    await deps.processes.ringOrder({ ...ref, isLate });
  },

  async tellOfRefusal(trx: ShopTransaction, payment, { key, now }) {
    const { shopId, orderId } = refOf(payment);
    const order = await getOrder(trx, { shopId, orderId });
    await insertNotice(trx, {
      shopId,
      id: newId(),
      kind: "gateway_refused",
      businessKey: key,
      orderId,
      customerId: order.customer_id,
      data: {
        orderNumber: order.number ?? "",
        amountMinor: payment.amount_minor,
        currency: payment.currency,
      },
      now,
    });
  },
};

function refOf({ shop_id: shopId, owner_id }: Pick<GatewayPaymentRow, "shop_id" | "owner_id">) {
  // Safe: the purpose says that the owner is an order.
  return { shopId, orderId: owner_id as OrderId };
}
