import { parseAttachmentHosts } from "../clients/attachment-hosts.ts";
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
