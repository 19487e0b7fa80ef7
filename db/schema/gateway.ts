import type { AccountId, GatewayPaymentId, PaymentMethodId, ShopId } from "../../domain/id.ts";
import type { Currency } from "../../domain/money.ts";
import type { GatewayPaymentState, GatewayRefundState } from "../../domain/payment/gateway-payment.ts";
import type { GatewayProvider } from "../../domain/ports/payment-gateway.ts";
import type { Count, Optional } from "./columns.ts";

/** What is paid for; `owner_id` is the id of one of these. */
export type GatewayPurpose = "order" | "upgrade";

export interface GatewayPaymentsTable {
  shop_id: ShopId;
  id: GatewayPaymentId;
  purpose: GatewayPurpose;
  owner_id: string;
  /** A payment whose code was lost is closed, and the next one takes its place. */
  attempt: number;
  /** Null: it goes to the platform's own account. */
  payment_method_id: Optional<PaymentMethodId>;
  provider: GatewayProvider;
  /** Our number of it at the provider; it follows from the id. */
  merchant_order_id: string;
  state: GatewayPaymentState;
  amount_minor: number;
  currency: Currency;
  expires_at: Date;
  /** When somebody looks next; null: nobody has to. */
  next_check_at: Optional<Date>;
  checks: Count;
  error_code: Optional<string>;
  /** By the provider's word when it was asked, never by a callback's. */
  paid_minor: Count;
  /** Blind index of the provider's number of the payment. */
  provider_index: Optional<Buffer>;
  paid_at: Optional<Date>;
  /** The money is in the ledger. */
  booked_at: Optional<Date>;
  /** The text of the code, where the payer asks for it: an account, an amount and a number, nothing of a person. */
  code: Optional<string>;
  /** It bought nothing: the platform owes it to the payer. */
  owed_at: Optional<Date>;
  created_at: Date;
  updated_at: Date;
}

export interface GatewayRefundsTable {
  shop_id: ShopId;
  id: string;
  payment_id: GatewayPaymentId;
  state: GatewayRefundState;
  amount_minor: number;
  effect_key: string;
  requested_by: Optional<AccountId>;
  next_check_at: Optional<Date>;
  checks: Count;
  error_code: Optional<string>;
  /** Since when the provider says no; it is believed a while later. */
  refused_at: Optional<Date>;
  done_at: Optional<Date>;
  booked_at: Optional<Date>;
  created_at: Date;
  updated_at: Date;
}

export interface GatewayEventsTable {
  shop_id: ShopId;
  event_key: Buffer;
  payment_id: GatewayPaymentId;
  received_at: Date;
}
