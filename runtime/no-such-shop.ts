import { AppError } from "../domain/app-error.ts";
import type { ShopId } from "../domain/id.ts";

export function noSuchShop(shopId: ShopId): AppError {
  return new AppError("not_found", "shop.not_found", {
    internal: `shop ${shopId}`,
    public: "There is no such shop.",
  });
}
