import { z } from "@hono/zod-openapi";

import type { PaymentDetails, PaymentMethodRow } from "../../db/payment-methods.ts";
import { toTypeId } from "../../domain/id.ts";
import { TimeSchema, idText, lineOf, orNull } from "./fields.schema.ts";
import { pageOf } from "./list.ts";
import { PictureSchema } from "./picture-links.ts";
import type { Picture } from "./picture-links.ts";

const DetailsSchema = z
  .strictObject({ accountName: lineOf(100), accountNumber: lineOf(50), bank: lineOf(100) })
  .openapi("PaymentDetails", {
    description: "Kept sealed; shown to customers only if the method is visible.",
  });

const KindSchema = z
  .enum(["transfer", "cod"])
  .openapi({ description: "`transfer` is paid by a slip; `cod` is cash on delivery." });

export const PaymentMethodSchema = z
  .object({
    id: idText("pm"),
    kind: KindSchema,
    name: z.string(),
    details: orNull(DetailsSchema),
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
    isVisibleToCustomer: z.boolean().default(false),
    isEnabled: z.boolean().default(true),
  })
  .refine(({ kind, details }) => (kind === "transfer") === (details !== undefined), {
    message: "A transfer has an account, cash on delivery has none",
    path: ["details"],
  })
  .openapi("CreatePaymentMethod");

export const UpdatePaymentMethodBody = z
  .strictObject({
    name: lineOf(100).optional(),
    details: DetailsSchema.optional(),
    isVisibleToCustomer: z.boolean().optional(),
    isEnabled: z.boolean().optional(),
  })
  .refine((body) => Object.keys(body).length > 0, "Names no change")
  .openapi("UpdatePaymentMethod", { minProperties: 1 });

export function toPaymentMethod(
  row: PaymentMethodRow,
  details: PaymentDetails | null,
  qrPicture: Picture | null,
): z.infer<typeof PaymentMethodSchema> {
  return {
    id: toTypeId("pm", row.id),
    kind: row.kind,
    name: row.name,
    details,
    isVisibleToCustomer: row.is_visible_to_customer,
    isEnabled: row.is_enabled,
    qrPicture,
    version: row.version,
    createdAt: row.created_at.toISOString(),
  };
}
