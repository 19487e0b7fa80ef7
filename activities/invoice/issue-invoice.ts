import { findBillingDetails } from "../../db/billing-details.ts";
import type { ShopTransaction } from "../../db/connection.ts";
import { findInvoiceOf, insertInvoice } from "../../db/invoices.ts";
import { findPlan } from "../../db/plans.ts";
import { getShop } from "../../db/shops.ts";
import { findTopUp } from "../../db/top-ups.ts";
import { boughtOf } from "../../db/upgrade-requests.ts";
import type { UpgradeRequestRow } from "../../db/upgrade-requests.ts";
import { AppError } from "../../domain/app-error.ts";
import type { ShopId, UpgradeRequestId } from "../../domain/id.ts";
import { includedTax } from "../../domain/invoice/invoice.ts";
import type { InvoiceLine, Invoicing } from "../../domain/invoice/invoice.ts";

/**
 * The invoice of what a request has paid, which is its receipt as well; answers its number. Last in the transaction of the
 * approval, under the request's lock. Safe to run twice: a request has one.
 */
export async function issueInvoice(
  trx: ShopTransaction,
  { request, invoicing, now }: { request: UpgradeRequestRow; invoicing: Invoicing; now: Date },
): Promise<string> {
  const { shop_id: shopId, id: requestId, amount_minor: amountMinor, currency } = request;
  const known = await findInvoiceOf(trx, { shopId, requestId, kind: "invoice" });
  if (known) return known.number;
  const { name, time_zone } = await getShop(trx, { shopId });
  const billing = await findBillingDetails(trx, shopId);
  const { seller, tax } = invoicing;
  const invoice = {
    shop_id: shopId,
    kind: "invoice" as const,
    request_id: requestId,
    amount_minor: amountMinor,
    currency,
    lines: JSON.stringify([await lineOf(trx, request)]),
    tax: tax && JSON.stringify(includedTax(amountMinor, tax)),
    seller: JSON.stringify(seller),
    shop_name: name,
    billing_id: billing?.id ?? null,
    time_zone,
  };
  return insertInvoice(trx, invoice, now);
}

/**
 * Takes the invoice of a request back: it names the same to the same, and the invoice stays as it is. Answers its number;
 * null for what was paid before there were invoices. Last in the transaction of the reversal, under the payment's lock.
 * Safe to run twice: an invoice has one.
 */
export async function issueCreditNote(
  trx: ShopTransaction,
  { shopId, requestId, now }: { shopId: ShopId; requestId: UpgradeRequestId; now: Date },
): Promise<string | null> {
  const known = await findInvoiceOf(trx, { shopId, requestId, kind: "credit_note" });
  if (known) return known.number;
  const invoice = await findInvoiceOf(trx, { shopId, requestId, kind: "invoice" });
  if (!invoice) return null;
  const { id: corrects_id, number: _number, issued_at: _issuedAt, lines, tax, seller, ...same } = invoice;
  const note = {
    ...same,
    kind: "credit_note" as const,
    corrects_id,
    lines: JSON.stringify(lines),
    tax: tax && JSON.stringify(tax),
    seller: JSON.stringify(seller),
  };
  return insertInvoice(trx, note, now);
}

async function lineOf(trx: ShopTransaction, request: UpgradeRequestRow): Promise<InvoiceLine> {
  const bought = boughtOf(request);
  const amountMinor = request.amount_minor;
  switch (bought.kind) {
    case "plan": {
      const plan = await findPlan(trx, bought);
      if (!plan) throw gone(bought.planCode);
      const { code, version, names, periodMonths } = plan;
      return { kind: "plan", code, version, names, periodMonths, amountMinor };
    }
    case "top_up": {
      const topUp = await findTopUp(trx, bought);
      if (!topUp) throw gone(bought.topUpCode);
      const { code, version, names, credits, validDays } = topUp;
      return { kind: "top_up", code, version, names, credits, validDays, amountMinor };
    }
  }
}

function gone(code: string): AppError {
  return new AppError("internal", "invoice.nothing_bought", { internal: `nothing is called ${code}` });
}
