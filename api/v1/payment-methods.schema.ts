import { z } from "@hono/zod-openapi";

import type { PaymentDetails, PaymentMethodRow } from "../../db/payment-methods.ts";
import { toTypeId } from "../../domain/id.ts";
import { paymentKinds } from "../../domain/payment/payment-kind.ts";
import { gatewayProviders } from "../../domain/ports/payment-gateway.ts";
import type { GatewayProvider, MerchantAccount } from "../../domain/ports/payment-gateway.ts";
import { TimeSchema, idText, lineOf, orNull } from "./fields.schema.ts";
import { pageOf } from "./list.ts";
import { PictureSchema } from "./picture-links.ts";
import type { Picture } from "./picture-links.ts";

const DetailsSchema = z
  .strictObject({ accountName: lineOf(100), accountNumber: lineOf(50), bank: lineOf(100) })
  .openapi("PaymentDetails", {
    description: "Kept sealed; shown to customers only if the method is visible.",
  });

const KindSchema = z.enum(paymentKinds).openapi({
  description:
    "`transfer` is paid by a slip; `cod` is cash on delivery; `gateway` is paid by QR code at a provider that confirms it.",
});

const GatewaySchema = z
  .object({ provider: z.enum(gatewayProviders), appId: z.string(), merchantCode: z.string() })
  .openapi("PaymentGateway", { description: "The account at the provider; its key is never shown." });

const GatewayBody = z
  .strictObject({
    provider: z.enum(gatewayProviders),
    appId: lineOf(64),
    merchantCode: lineOf(32),
    merchantKey: lineOf(200),
  })
  .openapi("PaymentGatewayAccount", { writeOnly: true, description: "Kept sealed." });

export const PaymentMethodSchema = z
  .object({
    id: idText("pm"),
    kind: KindSchema,
    name: z.string(),
    details: orNull(DetailsSchema),
    gateway: orNull(GatewaySchema),
    isVisibleToCustomer: z.boolean(),
    isEnabled: z.boolean(),
    qrPicture: orNull(PictureSchema),
    version: z.int(),
    createdAt: TimeSchema,
  })
  .openapi("PaymentMethod");

export const PaymentMethodPageSchema = pageOf(PaymentMethodSchema).openapi("PaymentMethodPage");

export const CreatePaymentMethodBody = z
  .strictObject({
    kind: KindSchema,
    name: lineOf(100),
    details: DetailsSchema.optional(),
    gateway: GatewayBody.optional(),
    isVisibleToCustomer: z.boolean().default(false),
    isEnabled: z.boolean().default(true),
  })
  .refine(({ kind, details }) => (kind === "transfer") === (details !== undefined), {
    message: "A transfer has an account, no other method has one",
    path: ["details"],
  })
  .refine(({ kind, gateway }) => (kind === "gateway") === (gateway !== undefined), {
    message: "A gateway has an account at the provider, no other method has one",
    path: ["gateway"],
  })
  .openapi("CreatePaymentMethod");

export const UpdatePaymentMethodBody = z
  .strictObject({
    name: lineOf(100).optional(),
    details: DetailsSchema.optional(),
    gateway: GatewayBody.optional(),
    isVisibleToCustomer: z.boolean().optional(),
    isEnabled: z.boolean().optional(),
  })
  .refine((body) => Object.keys(body).length > 0, "Names no change")
  .openapi("UpdatePaymentMethod", { minProperties: 1 });

export function toPaymentMethod(
  row: PaymentMethodRow,
  {
    details,
    merchant,
  }: { details: PaymentDetails | null; merchant: Pick<MerchantAccount, "appId" | "merchantCode"> | null },
  qrPicture: Picture | null,
): z.infer<typeof PaymentMethodSchema> {
  return {
    id: toTypeId("pm", row.id),
    kind: row.kind,
    name: row.name,
    details,
    gateway: row.provider === null || merchant === null ? null : gatewayOf(row.provider, merchant),
    isVisibleToCustomer: row.is_visible_to_customer,
    isEnabled: row.is_enabled,
    qrPicture,
    version: row.version,
    createdAt: row.created_at.toISOString(),
  };
}

/** Field by field, so that the key stays behind. */
function gatewayOf(
  provider: GatewayProvider,
  { appId, merchantCode }: Pick<MerchantAccount, "appId" | "merchantCode">,
): z.infer<typeof GatewaySchema> {
  return { provider, appId, merchantCode };
}
