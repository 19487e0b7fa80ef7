import type { Language } from "../shop/policies.ts";
import { dayAt, platformTimeZone } from "../subscription/calendar.ts";

/** A credit note takes back one invoice, whole. Neither is ever changed. */
export type InvoiceKind = "invoice" | "credit_note";

/** Who issues it, as it was named then. */
export type Seller = { name: string; address: string | null; registration: string | null };

/** Hundredths of a percent; prices are with it. */
export type TaxRate = { label: string; rateBps: number };

/** What the settings say of invoices that are issued from now on. */
export type Invoicing = { seller: Seller; tax: TaxRate | null };

/** Of an amount the part that is tax. */
export type IncludedTax = TaxRate & { amountMinor: number };

export type InvoiceLine = {
  code: string;
  version: number;
  names: Record<Language, string>;
  amountMinor: number;
} & ({ kind: "plan"; periodMonths: number } | { kind: "top_up"; credits: number; validDays: number });

/** To whom a shop's invoices are made out. */
export type BillingDetails = { name: string | null; address: string | null };

const prefixes: Record<InvoiceKind, string> = { invoice: "INV", credit_note: "CN" };

/** Within a series numbers follow each other without a gap. Its year is the platform's, wherever the shop is. */
export function seriesOf(kind: InvoiceKind, at: Date): string {
  return `${prefixes[kind]}-${dayAt(at, platformTimeZone).slice(0, 4)}`;
}

/** `INV-2026-000042` */
export function invoiceNumber(series: string, sequence: number): string {
  return `${series}-${String(sequence).padStart(6, "0")}`;
}

/** Rounded half up; exact for every accepted amount. */
export function includedTax(amountMinor: number, tax: TaxRate): IncludedTax {
  const rate = BigInt(tax.rateBps);
  const whole = 10_000n + rate;
  return { ...tax, amountMinor: Number((2n * BigInt(amountMinor) * rate + whole) / (2n * whole)) };
}
