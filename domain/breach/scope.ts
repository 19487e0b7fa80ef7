import type { ShopId } from "../id.ts";

/**
 * Whose data: customers who wrote, or ordered, within the time, or accounts that were there by its end. Without a shop: of
 * all shops.
 */
export const affectedData = ["conversations", "orders", "accounts"] as const;
export type AffectedData = (typeof affectedData)[number];

export type BreachScope = {
  shopId: ShopId | null;
  data: AffectedData;
  /** ISO texts: from, inclusive, to, exclusive. */
  from: string;
  to: string;
};

export const maxScopes = 20;
