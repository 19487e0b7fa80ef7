import { sql } from "kysely";
import type { Insertable } from "kysely";

import { newId } from "../domain/id.ts";
import type { InvoiceId, ShopId, UpgradeRequestId } from "../domain/id.ts";
import { invoiceNumber, seriesOf } from "../domain/invoice/invoice.ts";
import type { InvoiceKind } from "../domain/invoice/invoice.ts";
import type { ShopTransaction } from "./connection.ts";
import type { InvoicesTable } from "./schema/invoices.ts";

type NewInvoice = Omit<Insertable<InvoicesTable>, "id" | "number" | "issued_at">;

/**
 * With the next number of its series, which it answers. The series' row is held until commit, so that a transaction which
 * fails leaves no gap: the last lock of whoever calls it, and for as short as can be.
 */
export async function insertInvoice(trx: ShopTransaction, invoice: NewInvoice, now: Date): Promise<string> {
  const series = seriesOf(invoice.kind, now);
  const { last_number: sequence } = await trx
    .insertInto("invoice_counters")
    .values({ series, last_number: 1 })
    .onConflict((conflict) =>
      conflict.column("series").doUpdateSet({ last_number: sql<number>`invoice_counters.last_number + 1` }),
    )
    .returning("last_number")
    .executeTakeFirstOrThrow();
  const number = invoiceNumber(series, sequence);
  await trx
    .insertInto("invoices")
    .values({ ...invoice, id: newId<InvoiceId>(), number, issued_at: now })
    .execute();
  return number;
}

/** The one of its kind about what the request has paid. */
export function findInvoiceOf(
  trx: ShopTransaction,
  { shopId, requestId, kind }: { shopId: ShopId; requestId: UpgradeRequestId; kind: InvoiceKind },
) {
  return trx
    .selectFrom("invoices")
    .selectAll()
    .where("shop_id", "=", shopId)
    .where("request_id", "=", requestId)
    .where("kind", "=", kind)
    .executeTakeFirst();
}

/** Newest first. */
export function listInvoices(
  trx: ShopTransaction,
  { shopId, before, limit }: { shopId: ShopId; before?: InvoiceId; limit: number },
): Promise<InvoiceRow[]> {
  const query = invoicesOf(trx, shopId).orderBy("i.id", "desc").limit(limit);
  return (before === undefined ? query : query.where("i.id", "<", before)).execute();
}

export function findInvoice(
  trx: ShopTransaction,
  { shopId, invoiceId }: { shopId: ShopId; invoiceId: InvoiceId },
) {
  return invoicesOf(trx, shopId)
    .leftJoin("billing_details as b", (join) =>
      join.onRef("b.shop_id", "=", "i.shop_id").onRef("b.id", "=", "i.billing_id"),
    )
    .select("b.details as billing")
    .where("i.id", "=", invoiceId)
    .executeTakeFirst();
}

export type InvoiceRow = Awaited<ReturnType<ReturnType<typeof invoicesOf>["executeTakeFirstOrThrow"]>>;

/** Each with the other one of the pair that an invoice and its credit note are. */
function invoicesOf(trx: ShopTransaction, shopId: ShopId) {
  return trx
    .selectFrom("invoices as i")
    .leftJoin("invoices as o", (join) =>
      join
        .onRef("o.shop_id", "=", "i.shop_id")
        .onRef("o.request_id", "=", "i.request_id")
        .onRef("o.kind", "<>", "i.kind"),
    )
    .where("i.shop_id", "=", shopId)
    .selectAll("i")
    .select(["o.id as otherId", "o.number as otherNumber"]);
}
