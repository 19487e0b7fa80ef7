import { getConversation, isFenced } from "../../db/conversations.ts";
import type { ShopTransaction } from "../../db/connection.ts";
import { getOrder, listOrderLines } from "../../db/orders.ts";
import type { OrderLineRow, OrderRow } from "../../db/orders.ts";
import { listEvidence, readingPlace } from "../../db/payment-evidence.ts";
import type { EvidenceRow } from "../../db/payment-evidence.ts";
import { findPaymentMethod, paymentDetailsPlace } from "../../db/payment-methods.ts";
import type { PaymentDetails, PaymentMethodRow } from "../../db/payment-methods.ts";
import { getShop } from "../../db/shops.ts";
import type { ShopRow } from "../../db/shops.ts";
import { texts } from "../../domain/conversation/texts.ts";
import type { CustomerTexts, TextTotals } from "../../domain/conversation/customer-texts.ts";
import type { EvidenceId } from "../../domain/id.ts";
import type { Money } from "../../domain/money.ts";
import type { ProofReading } from "../../domain/payment/proof-reading.ts";
import type { Language } from "../../domain/shop/policies.ts";
import type { OrderRef } from "../../workflows/order.contract.ts";
import type { ActivityDeps } from "../deps.ts";
import { decodeReading } from "../../domain/payment/proof-reading.ts";
import { readGatewayMoney } from "./gateway-money.ts";
import type { GatewayMoney } from "./gateway-money.ts";

/** All that a decision on an order looks at, opened; a change is guarded by `order.version`. */
export type OrderView = {
  order: OrderRow;
  number: string;
  lines: OrderLineRow[];
  shop: ShopRow;
  method: PaymentMethodRow;
  account: PaymentDetails | null;
  evidence: (EvidenceRow & { opened: ProofReading | null })[];
  gateway: GatewayMoney;
  language: Language;
  /** The customer is being erased, or was: the order goes on, and nobody writes to them. */
  isFenced: boolean;
  say: CustomerTexts;
  now: Date;
};

type Rows = {
  order: OrderRow;
  lines: OrderLineRow[];
  shop: ShopRow;
  method: PaymentMethodRow;
  evidence: EvidenceRow[];
  gateway: GatewayMoney;
  language: Language;
  isFenced: boolean;
};

export async function readOrderView(deps: ActivityDeps, ref: OrderRef): Promise<OrderView> {
  const rows = await deps.db.withShop(ref.shopId, (trx) => readRows(trx, ref));
  return openView(deps, rows);
}

async function readRows(trx: ShopTransaction, { shopId, orderId }: OrderRef): Promise<Rows> {
  const order = await getOrder(trx, { shopId, orderId });
  const [lines, shop, method, evidence, gateway, conversation] = [
    await listOrderLines(trx, { shopId, orderIds: [orderId] }),
    await getShop(trx, { shopId }),
    await findPaymentMethod(trx, { shopId, paymentMethodId: order.payment_method_id }),
    await listEvidence(trx, { shopId, orderId }),
    await readGatewayMoney(trx, order),
    await getConversation(trx, { shopId, customerId: order.customer_id }),
  ];
  if (!method) throw new TypeError("an order's payment method is never deleted");
  const ofConversation = { language: conversation.language, isFenced: isFenced(conversation) };
  return { order, lines, shop, method, evidence, gateway, ...ofConversation };
}

async function openView(deps: ActivityDeps, rows: Rows): Promise<OrderView> {
  const { order, method, evidence } = rows;
  const details = method.details;
  const opened = await deps.sealer.open([
    ...(details === null ? [] : [{ place: paymentDetailsPlace(order.shop_id, method.id), sealed: details }]),
    ...evidence.map((row) => ({ place: readingPlace(row), sealed: row.reading })),
  ]);
  const account = details === null ? undefined : opened.shift();
  return {
    ...rows,
    number: order.number ?? "",
    account: account === undefined ? null : (JSON.parse(account.toString("utf8")) as PaymentDetails),
    evidence: evidence.map((row, index) => {
      const plaintext = opened[index];
      return { ...row, opened: plaintext === undefined ? null : decodeReading(plaintext) };
    }),
    say: texts(rows.language),
    now: deps.clock.now(),
  };
}

export function moneyOf(view: Pick<OrderView, "order">, amountMinor: number): Money {
  return { amountMinor, currency: view.order.currency };
}

export function totalsOf(view: Pick<OrderView, "order" | "lines">): TextTotals {
  const { order, lines } = view;
  return {
    lines: lines.map((line) => ({
      name: lineName(line),
      quantity: line.quantity,
      lineTotal: moneyOf(view, line.quantity * line.unit_price_minor),
    })),
    fee: moneyOf(view, order.fee_minor),
    discount: moneyOf(view, order.discount_minor),
    credit: moneyOf(view, order.credit_minor),
    total: moneyOf(view, order.total_minor),
  };
}

export function lineName(line: Pick<OrderLineRow, "product_name" | "variant_name">): string {
  return line.variant_name === "" ? line.product_name : `${line.product_name} (${line.variant_name})`;
}

export function hasUndecided(view: Pick<OrderView, "evidence">, except?: EvidenceId): boolean {
  return view.evidence.some((row) => row.state === "undecided" && row.id !== except);
}
