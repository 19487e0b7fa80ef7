import { sql } from "kysely";
import type { Selectable } from "kysely";

import { newId } from "../domain/id.ts";
import type { AccountId, CustomerId, OrderId, ShopId } from "../domain/id.ts";
import type { Currency } from "../domain/money.ts";
import type { ShopTransaction } from "./connection.ts";
import type { CreditLineKind, CustomerCreditLinesTable, CustomerCreditsTable } from "./schema/orders.ts";

export type CreditLineRow = Selectable<CustomerCreditLinesTable>;
type OfCustomer = { shopId: ShopId; customerId: CustomerId };

export type NewCreditLine = OfCustomer & {
  orderId: OrderId;
  kind: CreditLineKind;
  /** Above zero, also of what is spent. */
  amountMinor: number;
  currency: Currency;
  effectKey: string;
  recordedBy: AccountId | null;
  now: Date;
};

/**
 * Writes a line and moves the balance with it, under the customer's conversation. Safe to run twice by the effect key.
 * `short`: there is not so much to spend, and the transaction is to be given up, since nothing of it may stay.
 */
export async function postCustomerCredit(
  trx: ShopTransaction,
  line: NewCreditLine,
): Promise<"posted" | "repeated" | "short"> {
  const { shopId, customerId, currency } = line;
  await trx
    .insertInto("customer_credits")
    .values({ shop_id: shopId, customer_id: customerId, currency, balance_minor: 0 })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const amountMinor = line.kind === "spent" ? -line.amountMinor : line.amountMinor;
  const written = await trx
    .insertInto("customer_credit_lines")
    .values({
      shop_id: shopId,
      id: newId<string>(),
      customer_id: customerId,
      currency,
      order_id: line.orderId,
      kind: line.kind,
      amount_minor: amountMinor,
      effect_key: line.effectKey,
      recorded_by: line.recordedBy,
      recorded_at: line.now,
    })
    .onConflict((conflict) => conflict.columns(["shop_id", "effect_key"]).doNothing())
    .executeTakeFirst();
  if (written.numInsertedOrUpdatedRows !== 1n) return "repeated";
  const moved = await trx
    .updateTable("customer_credits")
    .set({ balance_minor: sql`balance_minor + ${amountMinor}` })
    .where("shop_id", "=", shopId)
    .where("customer_id", "=", customerId)
    .where("currency", "=", currency)
    .where(sql<boolean>`balance_minor + ${amountMinor} >= 0`)
    .executeTakeFirst();
  return moved.numUpdatedRows === 1n ? "posted" : "short";
}

export async function findCreditBalance(
  trx: ShopTransaction,
  { shopId, customerId, currency }: OfCustomer & { currency: Currency },
): Promise<number> {
  const balances = await listCreditBalances(trx, { shopId, customerId });
  return balances.find((balance) => balance.currency === currency)?.balance_minor ?? 0;
}

export function listCreditBalances(
  trx: ShopTransaction,
  { shopId, customerId }: OfCustomer,
): Promise<Selectable<CustomerCreditsTable>[]> {
  return trx
    .selectFrom("customer_credits")
    .selectAll()
    .where("shop_id", "=", shopId)
    .where("customer_id", "=", customerId)
    .orderBy("currency")
    .execute();
}

/** Newest first; `before` is the last id of the page above. */
export function listCustomerCreditLines(
  trx: ShopTransaction,
  { shopId, customerId, before, limit }: OfCustomer & { before?: string; limit: number },
): Promise<CreditLineRow[]> {
  let query = trx
    .selectFrom("customer_credit_lines")
    .selectAll()
    .where("shop_id", "=", shopId)
    .where("customer_id", "=", customerId)
    .orderBy("id", "desc")
    .limit(limit);
  if (before !== undefined) query = query.where("id", "<", before);
  return query.execute();
}
