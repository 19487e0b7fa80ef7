import { z } from "@hono/zod-openapi";

import { currentAttestations } from "../../domain/account/policies.ts";
import { notBlank, referralCodeField, textOf } from "../v1/fields.schema.ts";

export const LanguageSchema = z.enum(["my", "en"]);

export const EmailField = z.email().max(254).openapi({ example: "owner@example.com" });

export const NewPasswordField = z.string().min(1).max(1_024).openapi({
  description: "8 to 1,024 characters; none of the passwords that attackers try first, and not the address.",
  example: "seven green umbrellas",
});

export const PasswordField = z.string().min(1).max(1_024);

export const TokenField = z.string().min(1).max(200).openapi({
  description: "From the link in the mail; good once.",
  example: "mJ1tT2wqQxS8m0c1yXyD3A",
});

/** Exactly what is in force: nobody accepts a wording by a number that was never shown. */
function versionOf(current: string) {
  return z.literal(current).openapi({ description: "The version that is in force; see `listPolicies`." });
}

/** Which are in force is known to the database: a handler checks it. */
const AcceptedVersion = z
  .string()
  .max(40)
  .openapi({ description: "The version that is in force; see `listPolicies`.", example: "2026-11" });

export const AcceptedSchema = z
  .strictObject({
    terms: AcceptedVersion,
    privacy: AcceptedVersion,
    processingAbroad: AcceptedVersion,
    adult: AcceptedVersion,
  })
  .openapi("AcceptedPolicies");

export const CreateAccountBody = z
  .strictObject({
    email: EmailField,
    password: NewPasswordField,
    language: LanguageSchema.default("my"),
    accepted: AcceptedSchema,
    referralCode: referralCodeField,
  })
  .openapi("CreateAccount");

export const AttestedSchema = z
  .strictObject({
    lawfulBasis: versionOf(currentAttestations.lawful_basis.version),
    consumerLaw: versionOf(currentAttestations.consumer_law.version),
  })
  .openapi("AttestedStatements");

export const AppealBody = z
  .strictObject({
    email: EmailField,
    password: PasswordField,
    text: textOf(5_000)
      .min(1)
      .openapi({ ...notBlank, example: "The orders were real; I can show the slips." }),
  })
  .openapi("CreateAccountAppeal");

const StatementSchema = z.object({
  name: z.string().openapi({ example: "terms" }),
  version: z.string().openapi({ example: "2026-11" }),
  text: z.object({ my: z.string(), en: z.string() }),
});

export const PoliciesSchema = z
  .object({
    policies: z.array(StatementSchema).openapi({ description: "Accepted when an account is opened." }),
    attestations: z.array(StatementSchema).openapi({ description: "Stated when a shop is opened." }),
  })
  .openapi("Policies");
