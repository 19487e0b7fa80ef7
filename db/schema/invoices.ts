import type { BillingDetailsId, InvoiceId, ShopId, UpgradeRequestId } from "../../domain/id.ts";
import type { IncludedTax, InvoiceKind, InvoiceLine, Seller } from "../../domain/invoice/invoice.ts";
import type { Currency } from "../../domain/money.ts";
import type { Json, JsonOrNull, Optional, SealedOrNull } from "./columns.ts";

/** The last row is the one that holds; earlier ones stand on earlier invoices. */
export interface BillingDetailsTable {
  shop_id: ShopId;
  /** Its subject has the same id; null details have none. */
  id: BillingDetailsId;
  details: SealedOrNull;
  created_at: Date;
}

export interface InvoiceCountersTable {
  series: string;
  last_number: number;
}

/** Written once. */
export interface InvoicesTable {
  shop_id: ShopId;
  id: InvoiceId;
  kind: InvoiceKind;
  number: string;
  /** What was paid; each has one invoice and at most one credit note. */
  request_id: UpgradeRequestId;
  /** Of a credit note the invoice that it takes back. */
  corrects_id: Optional<InvoiceId>;
  /** Of a credit note what it gives back; never below 0. */
  amount_minor: number;
  currency: Currency;
  lines: Json<InvoiceLine[]>;
  tax: JsonOrNull<IncludedTax>;
  seller: Json<Seller>;
  shop_name: string;
  billing_id: Optional<BillingDetailsId>;
  /** The shop's, in which its dates are. */
  time_zone: string;
  issued_at: Date;
}
