import { z } from "@hono/zod-openapi";

import { AppError } from "../../domain/app-error.ts";
import { fromTypeId, toTypeId } from "../../domain/id.ts";
import type { IdPrefix } from "../../domain/id.ts";
import { currencies, maxAmountMinor } from "../../domain/money.ts";
import { readReferralCode } from "../../domain/referral/code.ts";
import { findNetworkCards } from "../../domain/text/find-cards.ts";

const sample = "01936f3c-5b2e-7a41-9c3d-2f1e0b8a7c6d";

/** An id in an answer. */
export function idText(prefix: IdPrefix) {
  return z.string().openapi({ example: toTypeId(prefix, sample) });
}

/** An id in a body or a query; the handler gets the uuid. */
export function idField<Id extends string>(prefix: IdPrefix) {
  return z
    .string()
    .transform((text, ctx): Id => {
      const id = fromTypeId<Id>(prefix, text);
      if (id !== undefined) return id;
      ctx.addIssue({ code: "custom", message: `Must be an id that begins with ${prefix}_` });
      return z.NEVER;
    })
    .openapi({ type: "string", example: toTypeId(prefix, sample) });
}

/** The parameter of a path, e.g. `pathParams("orderId", "ord")`; see `pathId`. */
export function pathParams<Name extends string>(name: Name, prefix: IdPrefix) {
  return z.object({
    [name]: z.string().openapi({ param: { name, in: "path" }, example: toTypeId(prefix, sample) }),
  } as Record<Name, z.ZodString>);
}

/** The uuid of an id in a path. What is no id of that kind cannot be found, like the id of another tenant. */
export function pathId<Id extends string>(prefix: IdPrefix, text: string): Id {
  const id = fromTypeId<Id>(prefix, text);
  if (id !== undefined) return id;
  throw notFound(prefix);
}

export function notFound(prefix: IdPrefix): AppError {
  return notFoundHere(prefix);
}

/** The same for what has a bare uuid. */
export function notFoundHere(what: string): AppError {
  return new AppError("not_found", "not_found", {
    internal: `no such ${what}`,
    public: "There is nothing under this id.",
  });
}

export function found<T>(value: T | undefined, prefix: IdPrefix): T {
  if (value === undefined) throw notFound(prefix);
  return value;
}

/**
 * Null instead. `.nullable()` of a schema with a name would describe all its uses as nullable, or none.
 */
export function orNull<Schema extends z.ZodType>(schema: Schema) {
  return z.union([schema, z.null()]);
}

export const CurrencySchema = z.enum(currencies).openapi({ description: "ISO 4217." });

export const AmountMinorSchema = z
  .int()
  .min(1)
  .max(maxAmountMinor)
  .openapi({ description: "Minor units of the order's currency (MMK has none: 15000 is 15,000 MMK)." });

export const MoneySchema = z
  .strictObject({ amountMinor: z.int().min(0).max(maxAmountMinor), currency: CurrencySchema })
  .openapi("Money", { description: "An amount in minor units of the currency; never a fraction." });

export const TimeSchema = z.iso.datetime().openapi({ description: "RFC 3339, UTC." });

export function timeOrNull(date: Date | null): string | null {
  return date === null ? null : date.toISOString();
}

/** For every text that is kept: payment cards have no place in one, whoever writes it. */
export function holdsNoCard(text: string): boolean {
  return findNetworkCards(text).length === 0;
}

const noCard = "Must not contain a payment card's number";

/** What is too long is looked at no further: a search for cards in megabytes of digits takes many seconds. */
const untilHere = { abort: true };

/** A line that a person wrote: no control characters, no spaces around, no card number. */
export function lineOf(maxLength: number) {
  return z
    .string()
    .trim()
    .min(1)
    .max(maxLength, untilHere)
    .refine((text) => !/\p{Cc}/u.test(text), "Must not contain control characters")
    .refine(holdsNoCard, noCard)
    .openapi(notBlank);
}

/** For the description of a text that is trimmed before its length is looked at. */
export const notBlank = { pattern: String.raw`\S` };

/** A text that a person wrote, with line breaks, without a card number. */
export function textOf(maxLength: number) {
  return uncheckedTextOf(maxLength).refine(holdsNoCard, noCard);
}

/** For a route that refuses secrets itself, with a code of its own. */
export function uncheckedTextOf(maxLength: number) {
  return z
    .string()
    .trim()
    .max(maxLength, untilHere)
    .refine((text) => !/(?![\n\r\t])\p{Cc}/u.test(text), "Must not contain control characters");
}

/** Why an owner refuses or cancels. */
export const reasonField = textOf(1_000)
  .min(1)
  .optional()
  .openapi({ ...notBlank, description: "Told to the customer in the message about it." });

export const referralCodeField = z
  .string()
  .max(64)
  .refine((text) => readReferralCode(text) !== undefined, "Must be a code of eight letters and digits")
  .transform((text) => readReferralCode(text) ?? null)
  .optional()
  .openapi({ type: "string", example: "AB2CDE7K", description: "Of whoever recommended us." });
