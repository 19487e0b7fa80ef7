export type SimMerchant = { merchantCode: string; appId: string; key: string };

export type SimRefund = {
  refundRequestNo: string;
  refundOrderId: string;
  amount: number;
  status: "REFUND_SUCCESS" | "REFUNDING" | "REFUND_FAILED";
};

/** An order at the wallet. Amounts are kyats, times Unix milliseconds. */
export type SimPayment = {
  merchantOrderId: string;
  merchantCode: string;
  title: string;
  amount: number;
  currency: string;
  notifyUrl: string;
  prepayId: string;
  /** The text of its QR code. */
  code: string;
  expiresAt: number;
  status: "WAIT_PAY" | "PAY_SUCCESS" | "ORDER_CLOSED";
  transactionId: string | null;
  paidAt: number | null;
  refunds: SimRefund[];
};

type TradeStatus = SimPayment["status"] | "ORDER_EXPIRED";

/** Its time runs out by itself. */
export function tradeStatus({ status, expiresAt }: SimPayment, now: number): TradeStatus {
  return status === "WAIT_PAY" && expiresAt <= now ? "ORDER_EXPIRED" : status;
}
