import type { ShopTransaction } from "../../db/connection.ts";
import type { SummaryChange } from "../../domain/conversation/customer-texts.ts";
import { findOption, readCatalogue } from "../agent/catalogue.ts";
import type { OrderView } from "../order/order-view.ts";

/** What differs today from the summary that the customer confirmed; nothing is placed at another price. */
export async function findSummaryChanges(trx: ShopTransaction, view: OrderView): Promise<SummaryChange[]> {
  const { order, shop, method } = view;
  const catalogue = await readCatalogue(trx, order.shop_id);
  const today = view.lines.map((line) => ({ line, found: findOption(catalogue, line.variant_id) }));
  const isGone = today.some(({ line, found }) => !found || found.option.available < line.quantity);
  const isRepriced = today.some(
    ({ line, found }) => found && found.option.priceMinor !== line.unit_price_minor,
  );
  const zone = shop.policies.zones.find(({ id }) => id === order.zone_id);
  const isOffered = method.is_enabled && (method.kind === "cod" || method.is_visible_to_customer);
  return [
    ...(isGone ? (["stock"] as const) : []),
    ...(isRepriced ? (["price"] as const) : []),
    ...(zone?.feeMinor === order.fee_minor ? [] : (["fee"] as const)),
    ...(isOffered ? [] : (["payment_method"] as const)),
  ];
}
