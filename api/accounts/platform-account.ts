import type { StoredSession } from "../../db/system.ts";
import { AppError } from "../../domain/app-error.ts";

/** Who decides about shops is in none: 403 `shop.platform_account`. */
export function refusePlatformAccount({ isOfPlatform }: StoredSession): void {
  if (!isOfPlatform) return;
  throw new AppError("forbidden", "shop.platform_account", {
    internal: "an account of the platform is in no shop",
    public: "Accounts of the platform own no shops and work in none.",
  });
}
