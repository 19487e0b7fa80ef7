import type { ShopTransaction } from "../../db/connection.ts";
import { findCreditBalance } from "../../db/customer-credits.ts";
import { findPaymentMethod } from "../../db/payment-methods.ts";
import { getShop } from "../../db/shops.ts";
import type { SummaryChange } from "../../domain/conversation/customer-texts.ts";
import { findOption, readCatalogue } from "../agent/catalogue.ts";
import type { OrderView } from "../order/order-view.ts";

/** Call under the variants' locks. What differs now from the summary that the customer confirmed; nothing is placed at another price. */
export async function findSummaryChanges(trx: ShopTransaction, view: OrderView): Promise<SummaryChange[]> {
  const { order } = view;
  const shopId = order.shop_id;
  const shop = await getShop(trx, { shopId });
  const method = await findPaymentMethod(trx, { shopId, paymentMethodId: order.payment_method_id });
  const catalogue = await readCatalogue(trx, shopId);
  const today = view.lines.map((line) => ({ line, found: findOption(catalogue, line.variant_id) }));
  const isGone = today.some(({ line, found }) => !found || found.option.available < line.quantity);
  const isRepriced = today.some(
    ({ line, found }) => found && found.option.priceMinor !== line.unit_price_minor,
  );
  const zone = shop.policies.zones.find(({ id }) => id === order.zone_id);
  const { customer_id: customerId, currency } = order;
  const creditMinor = await findCreditBalance(trx, { shopId, customerId, currency });
  const isShown = method?.kind === "cod" || method?.is_visible_to_customer === true;
  return [
    ...(isGone ? (["stock"] as const) : []),
    ...(isRepriced ? (["price"] as const) : []),
    ...(zone?.feeMinor === order.fee_minor ? [] : (["fee"] as const)),
    ...(isShown && method?.is_enabled ? [] : (["payment_method"] as const)),
    ...(creditMinor < order.credit_minor ? (["credit"] as const) : []),
  ];
}
