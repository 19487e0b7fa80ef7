import { z } from "zod";

import { parseAttachmentHosts } from "../clients/attachment-hosts.ts";
import type { TaxRate } from "../domain/invoice/invoice.ts";
import { isCurrency } from "../domain/money.ts";
import type { Currency } from "../domain/money.ts";

/** Undefined when something in the list is no amount of a currency that we know. */
export function readAmounts(value: string): Partial<Record<Currency, number>> | undefined {
  const parts = value.split(",").map((part) => /^\s*([A-Z]{3}):(\d{1,12})\s*$/.exec(part) ?? []);
  const amounts = parts.map(([, currency = "", amount]) => [currency, Number(amount)] as const);
  if (!amounts.every(([currency]) => isCurrency(currency))) return undefined;
  return Object.fromEntries(amounts);
}

export function isUrlOf(value: string, protocols: string[]): boolean {
  return URL.canParse(value) && protocols.includes(new URL(value).protocol);
}

export function isHostList(value: string): boolean {
  try {
    parseAttachmentHosts(value);
    return true;
  } catch {
    return false;
  }
}

/** `5 Commercial tax`, `7.5 VAT`; undefined when it is not written so. */
export function readTax(value: string): TaxRate | undefined {
  const [, percent, label] = /^(\d{1,2}(?:\.\d{1,2})?) +(\S.{0,39})$/.exec(value) ?? [];
  return percent === undefined || label === undefined
    ? undefined
    : { label, rateBps: Math.round(Number(percent) * 100) };
}

export const webUrl = z
  .string()
  .refine((value) => isUrlOf(value, ["http:", "https:"]), "must be an http(s) address")
  .transform((value) => value.replace(/\/+$/, ""));
