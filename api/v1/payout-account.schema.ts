import { z } from "@hono/zod-openapi";

import type { PayoutAccountRow } from "../../db/payout-accounts.ts";
import {
  canBeAccountNumber,
  maskAccountName,
  maskAccountNumber,
  payoutAccountKinds,
} from "../../domain/referral/payout-account.ts";
import type { PayoutDetails } from "../../domain/referral/payout-account.ts";
import { CurrencySchema, TimeSchema, lineOf } from "./fields.schema.ts";

export const PayoutAccountSchema = z
  .object({
    kind: z.enum(payoutAccountKinds),
    currency: CurrencySchema,
    accountName: z.string().openapi({ description: "Masked." }),
    accountNumber: z.string().openapi({ description: "Masked: its last signs." }),
    bank: z.string(),
    changedAt: TimeSchema,
    usableFrom: TimeSchema.openapi({ description: "Nothing is paid there before." }),
  })
  .openapi("PayoutAccount");

export const PutPayoutAccountBody = z
  .strictObject({
    kind: z.enum(payoutAccountKinds),
    currency: CurrencySchema.default("MMK"),
    accountName: lineOf(100),
    accountNumber: lineOf(50).refine(canBeAccountNumber, "Must have at least six digits"),
    bank: lineOf(100).optional(),
  })
  .refine(({ kind, bank }) => (kind === "bank") === (bank !== undefined), {
    message: "A bank account names its bank, a wallet none",
    path: ["bank"],
  })
  .openapi("PutPayoutAccount");

/** Whoever has the sign-in sees which account it is, and not more than that. */
export function toPayoutAccount(
  row: PayoutAccountRow,
  details: PayoutDetails,
): z.infer<typeof PayoutAccountSchema> {
  return {
    kind: row.kind,
    currency: row.currency,
    accountName: maskAccountName(details.accountName),
    accountNumber: maskAccountNumber(details.accountNumber),
    bank: details.bank,
    changedAt: row.changed_at.toISOString(),
    usableFrom: row.usable_from.toISOString(),
  };
}
