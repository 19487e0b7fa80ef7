import type { ShopTransaction } from "../../db/connection.ts";
import type { GatewayPaymentRow } from "../../db/gateway-payments.ts";
import type { UpkeepDeps } from "../upkeep/upkeep-deps.ts";

type OfOwner = Pick<GatewayPaymentRow, "shop_id" | "id" | "owner_id" | "amount_minor" | "currency">;

/** What a payment is for, as whoever speaks with the provider needs it: nothing there knows of orders. */
export type PaymentOwner = {
  /** `title`: what the payer's wallet shows, no personal data. */
  describe(deps: UpkeepDeps, payment: OfOwner): Promise<{ isWanted: boolean; title: string }>;
  /** Shows the payer the code in the transaction of `move`, which says whether this code still counts. */
  showCode(
    deps: UpkeepDeps,
    payment: OfOwner,
    shown: { code: string; move(trx: ShopTransaction): Promise<boolean> },
  ): Promise<void>;
  /** Money moved by the provider's word: the owner's process books it. */
  ring(deps: UpkeepDeps, payment: OfOwner, bell: { isLate: boolean }): Promise<void>;
  /** The shop's people are told once a key that the provider refused. */
  tellOfRefusal(trx: ShopTransaction, payment: OfOwner, notice: { key: string; now: Date }): Promise<void>;
};
