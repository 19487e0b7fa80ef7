import { z } from "zod";

import { setting } from "./setting.ts";
import { readTax } from "./setting-values.ts";

const optionalText = z.string().optional();

/** The seller as invoices name it. */
export const invoiceSettings = {
  SHOPTHREAD_SELLER_NAME: setting({
    schema: z.string(),
    default: "Shopthread",
    meaning: "Who sells plans and credits, as it stands on invoices from now on.",
  }),
  SHOPTHREAD_SELLER_ADDRESS: setting({
    schema: optionalText,
    default: "",
    meaning: "Its address, one line.",
  }),
  SHOPTHREAD_SELLER_REGISTRATION: setting({
    schema: optionalText,
    default: "",
    meaning: "Its number as a company or taxpayer, with what it is: one line.",
  }),
  SHOPTHREAD_SELLER_TAX: setting({
    schema: z
      .string()
      .refine(
        (value) => readTax(value) !== undefined,
        "must be a percentage and a name, like 5 Commercial tax",
      )
      .optional(),
    default: "",
    meaning:
      "Tax that is in the prices: percentage and name, such as 5 Commercial tax. Empty: none is shown.",
  }),
};
