import { z } from "@hono/zod-openapi";

import type { InvoiceRow } from "../../db/invoices.ts";
import { toTypeId } from "../../domain/id.ts";
import type { BillingDetails, InvoiceLine } from "../../domain/invoice/invoice.ts";
import type { Currency } from "../../domain/money.ts";
import { dayAt } from "../../domain/subscription/calendar.ts";
import { MoneySchema, TimeSchema, idText, lineOf, orNull, textOf } from "./fields.schema.ts";
import { pageOf } from "./list.ts";

const InvoiceRefSchema = z.object({ id: idText("inv"), number: z.string() }).openapi("InvoiceRef");

const InvoiceLineSchema = z
  .object({
    kind: z.enum(["plan", "top_up"]),
    code: z.string(),
    version: z.int(),
    names: z.object({ en: z.string(), my: z.string() }),
    periodMonths: z.int().nullable().openapi({ description: "Of a plan: calendar months." }),
    credits: z.int().nullable().openapi({ description: "Of a package of credits." }),
    validDays: z.int().nullable(),
    amount: MoneySchema,
  })
  .openapi("InvoiceLine");

export const InvoiceSchema = z
  .object({
    id: idText("inv"),
    kind: z.enum(["invoice", "credit_note"]),
    number: z.string().openapi({ example: "INV-2026-000042" }),
    upgradeRequestId: idText("upg").openapi({ description: "What was paid." }),
    amount: MoneySchema.openapi({ description: "What was paid; of a credit note what it gives back." }),
    issuedAt: TimeSchema,
    issuedOn: z.iso.date().openapi({ description: "The day in the shop's time zone." }),
    corrects: orNull(InvoiceRefSchema).openapi({ description: "Of a credit note: what it takes back." }),
    creditNote: orNull(InvoiceRefSchema).openapi({ description: "Of an invoice: what took it back." }),
    lines: z.array(InvoiceLineSchema),
  })
  .openapi("Invoice", { description: "Never changes. An invoice is issued when it is paid." });

export const InvoicePageSchema = pageOf(InvoiceSchema).openapi("InvoicePage");

const SellerSchema = z
  .object({ name: z.string(), address: z.string().nullable(), registration: z.string().nullable() })
  .openapi("InvoiceSeller");

const BuyerSchema = z
  .object({
    shopName: z.string(),
    name: z.string().nullable().openapi({ description: "By the billing details of then." }),
    address: z.string().nullable(),
  })
  .openapi("InvoiceBuyer");

const TaxSchema = z
  .object({
    label: z.string(),
    rateBps: z.int().openapi({ description: "Hundredths of a percent." }),
    amount: MoneySchema.openapi({ description: "It is in the price." }),
  })
  .openapi("InvoiceTax");

export const InvoiceDetailSchema = InvoiceSchema.extend({
  timeZone: z.string(),
  seller: SellerSchema,
  buyer: BuyerSchema,
  tax: orNull(TaxSchema),
}).openapi("InvoiceDetail");

export function toInvoice(row: InvoiceRow): z.infer<typeof InvoiceSchema> {
  const { otherId, otherNumber, currency } = row;
  const other =
    otherId === null || otherNumber === null ? null : { id: toTypeId("inv", otherId), number: otherNumber };
  return {
    id: toTypeId("inv", row.id),
    kind: row.kind,
    number: row.number,
    upgradeRequestId: toTypeId("upg", row.request_id),
    amount: { amountMinor: row.amount_minor, currency },
    issuedAt: row.issued_at.toISOString(),
    issuedOn: dayAt(row.issued_at, row.time_zone),
    corrects: row.kind === "credit_note" ? other : null,
    creditNote: row.kind === "invoice" ? other : null,
    lines: row.lines.map((line) => toLine(line, currency)),
  };
}

function toLine(line: InvoiceLine, currency: Currency): z.infer<typeof InvoiceLineSchema> {
  const { kind, code, version, names, amountMinor } = line;
  return {
    kind,
    code,
    version,
    names,
    periodMonths: line.kind === "plan" ? line.periodMonths : null,
    credits: line.kind === "top_up" ? line.credits : null,
    validDays: line.kind === "top_up" ? line.validDays : null,
    amount: { amountMinor, currency },
  };
}

export function toInvoiceDetail(
  row: InvoiceRow,
  billing: BillingDetails,
): z.infer<typeof InvoiceDetailSchema> {
  const { tax, currency } = row;
  return {
    ...toInvoice(row),
    timeZone: row.time_zone,
    seller: row.seller,
    buyer: { shopName: row.shop_name, ...billing },
    tax: tax && {
      label: tax.label,
      rateBps: tax.rateBps,
      amount: { amountMinor: tax.amountMinor, currency },
    },
  };
}

export const BillingDetailsSchema = z
  .object({ name: z.string().nullable(), address: z.string().nullable() })
  .openapi("BillingDetails", { description: "To whom invoices are made out; null: to the shop's name." });

export const PutBillingDetailsBody = z
  .strictObject({ name: lineOf(150).nullable(), address: textOf(500).min(1).nullable() })
  .openapi("PutBillingDetails");
