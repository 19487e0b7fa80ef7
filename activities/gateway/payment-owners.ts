import type { GatewayPurpose } from "../../db/schema/gateway.ts";
import { orderOwner } from "./order-owner.ts";
import type { PaymentOwner } from "./payment-owner.ts";
import { upgradeOwner } from "./upgrade-owner.ts";

/** Whoever is paid for is added here, and its purpose to the table's type. */
export const paymentOwners: Readonly<Record<GatewayPurpose, PaymentOwner>> = {
  order: orderOwner,
  upgrade: upgradeOwner,
};
