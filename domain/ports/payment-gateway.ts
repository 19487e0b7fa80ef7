import type { Money } from "../money.ts";
import type { RefundStanding } from "../payment/gateway-payment.ts";

export const gatewayProviders = ["kbzpay"] as const;
export type GatewayProvider = (typeof gatewayProviders)[number];

/** The shop's account at a provider; kept sealed, and never in a log. */
export type MerchantAccount = { appId: string; merchantCode: string; merchantKey: string };

/** `code` is the provider's own word: letters, digits and underscores. */
type NotDone =
  /** It cannot have arrived: it may be asked for again. */
  | { outcome: "not_reached" }
  | { outcome: "refused"; code: string }
  /** It may or may not have been done: only a look tells. */
  | { outcome: "unclear" };

export type CreateAnswer =
  | { outcome: "created"; code: string }
  /** There was a payment of this number before. */
  | { outcome: "known" }
  | NotDone;

export type QueryAnswer =
  | { standing: "paid"; amount: Money; reference: string }
  | { standing: "absent" | "waiting" | "closed" | "unclear" };

type CloseAnswer = { outcome: "closed" } | { outcome: "unclear" };

type RefundAnswer = { outcome: "done" } | { outcome: "under_way" } | NotDone;

/** What a callback says; it is a reason to look, never the proof of money. */
export type GatewayCallback = {
  merchantOrderId: string;
  /** The same for every repetition of the same news. */
  news: string;
};

/**
 * A payment provider. Numbers are the caller's and follow from its own ids, so that the same thing asked for twice is
 * one thing; amounts are minor units. No call repeats itself: what an answer means is in it, what to do is the caller's.
 */
export interface PaymentGateway {
  /** `code` of the answer is the text of the QR code that the payer's wallet scans. */
  createPayment(
    account: MerchantAccount,
    payment: {
      merchantOrderId: string;
      amount: Money;
      title: string;
      notifyUrl: string;
      expiresInMs: number;
    },
  ): Promise<CreateAnswer>;
  queryPayment(account: MerchantAccount, merchantOrderId: string): Promise<QueryAnswer>;
  /** From `closed` on it cannot be paid any more. */
  closePayment(account: MerchantAccount, merchantOrderId: string): Promise<CloseAnswer>;
  refund(
    account: MerchantAccount,
    refund: { merchantOrderId: string; refundNumber: string; amount: Money },
  ): Promise<RefundAnswer>;
  queryRefund(
    account: MerchantAccount,
    refund: { merchantOrderId: string; refundNumber: string },
  ): Promise<RefundStanding>;
}

export type PaymentGateways = Readonly<Record<GatewayProvider, PaymentGateway>>;
