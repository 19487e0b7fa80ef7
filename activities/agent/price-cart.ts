import { AppError } from "../../domain/app-error.ts";
import { formatMoney } from "../../domain/money.ts";
import { priceOrder } from "../../domain/order/price-order.ts";
import type { OrderPrice, PricedLine } from "../../domain/order/price-order.ts";
import { findZone } from "../../domain/shop/find-zone.ts";
import type { DeliveryZone } from "../../domain/shop/policies.ts";
import { findOption, optionName } from "./catalogue.ts";
import type { CatalogueProduct } from "./catalogue.ts";
import type { TurnContext, WorkingCart } from "./turn-draft.ts";

export type CartLineView = PricedLine & {
  productName: string;
  variantName: string;
  displayName: string;
  available: number;
};

export type PricedCart = { lines: CartLineView[]; zone: DeliveryZone | undefined; price: OrderPrice | null };

export type MissingField = "name" | "phone" | "township" | "address" | "paymentMethod";

/** The cart at today's prices. A variant that is no longer for sale is left out. */
export function priceCart(
  context: TurnContext,
  cart: WorkingCart,
  catalogue: readonly CatalogueProduct[],
): PricedCart {
  const lines = cart.lines.flatMap(({ variantId, quantity }) => {
    const found = findOption(catalogue, variantId);
    if (!found) return [];
    const { product, option } = found;
    return {
      variantId,
      quantity,
      unitPriceMinor: option.priceMinor,
      productName: product.name,
      variantName: option.name,
      displayName: optionName(product, option),
      available: option.available,
    };
  });
  const zone = zoneOf(context, cart);
  return {
    lines,
    zone,
    price: lines.length === 0 ? null : tryPrice(lines, { zone, creditMinor: context.creditMinor }),
  };
}

export function zoneOf(context: TurnContext, cart: WorkingCart): DeliveryZone | undefined {
  const { township } = cart.contact;
  return township === null ? undefined : findZone(context.turn.shop.policies, township);
}

function tryPrice(
  lines: CartLineView[],
  { zone, creditMinor }: { zone: DeliveryZone | undefined; creditMinor: number },
): OrderPrice | null {
  try {
    return priceOrder({ lines, zone: zone ?? null, discountMinor: 0, creditMinor });
  } catch (error) {
    if (error instanceof AppError && error.kind === "invalid") return null;
    throw error;
  }
}

export function missingFields(context: TurnContext, cart: WorkingCart): MissingField[] {
  const { name, phone, township, address } = cart.contact;
  const isMethodChosen = context.methods.some(({ id }) => id === cart.paymentMethodId);
  return [
    ...(name === null ? (["name"] as const) : []),
    ...(phone === null ? (["phone"] as const) : []),
    ...(township === null || zoneOf(context, cart) === undefined ? (["township"] as const) : []),
    ...(address === null ? (["address"] as const) : []),
    ...(isMethodChosen ? [] : (["paymentMethod"] as const)),
  ];
}

/** The cart as the model is shown it. */
export function cartForModel(
  context: TurnContext,
  cart: WorkingCart,
  catalogue: readonly CatalogueProduct[],
) {
  const { lines, price } = priceCart(context, cart, catalogue);
  const { currency } = context.turn.shop;
  return {
    lines: lines.map((line) => ({
      variantId: line.variantId,
      name: line.displayName,
      quantity: line.quantity,
      lineTotalText: formatMoney({ amountMinor: line.unitPriceMinor * line.quantity, currency }),
    })),
    subtotalText: formatMoney({ amountMinor: price?.linesMinor ?? 0, currency }),
    missing: missingFields(context, cart),
  };
}
