import type { Invoicing } from "../domain/invoice/invoice.ts";
import type { Config } from "./config.ts";
import { readTax } from "./setting-values.ts";

/** How the platform names itself on the invoices that it issues from now on, and the tax in its prices. */
export function invoicingOf(config: Config): Invoicing {
  const { SHOPTHREAD_SELLER_TAX: tax = "" } = config;
  const seller = {
    name: config.SHOPTHREAD_SELLER_NAME,
    address: config.SHOPTHREAD_SELLER_ADDRESS ?? null,
    registration: config.SHOPTHREAD_SELLER_REGISTRATION ?? null,
  };
  return { seller, tax: readTax(tax) ?? null };
}
