import { z } from "@hono/zod-openapi";

import type { Shop } from "../../db/shops.ts";
import { newId, toTypeId } from "../../domain/id.ts";
import type { DeliveryZone, ShopPolicies } from "../../domain/shop/policies.ts";
import { noShopRetention } from "../../domain/privacy/purge-rules.ts";
import { given } from "./given.ts";
import { ShopRetentionFields } from "./retention.schema.ts";
import { CurrencySchema, MoneySchema, TimeSchema, idText, lineOf, textOf } from "./fields.schema.ts";

const LanguageSchema = z.enum(["my", "en"]);

const PolicyText = z
  .strictObject({ my: textOf(2_000), en: textOf(2_000) })
  .openapi("PolicyText", { description: "What the agent may say, in each language." });

const ZoneSchema = z.object({
  id: z.string(),
  name: z.string(),
  townships: z.array(z.string()).openapi({ description: "In every spelling; `*` is everywhere else." }),
  fee: MoneySchema,
  acceptsCashOnDelivery: z.boolean(),
});

export const ShopSchema = z
  .object({
    id: idText("shop"),
    name: z.string(),
    country: z.string(),
    currency: CurrencySchema,
    timeZone: z.string(),
    languages: z.array(LanguageSchema),
    agentName: z.string(),
    isAgentEnabled: z.boolean(),
    policies: z.object({
      openHours: PolicyText,
      returns: PolicyText,
      zones: z.array(ZoneSchema),
      retention: z.object(ShopRetentionFields),
    }),
    version: z.int(),
    createdAt: TimeSchema,
  })
  .openapi("Shop");

const ZoneBody = z.strictObject({
  id: lineOf(50).optional().openapi({ description: "Leave out for a new zone." }),
  name: lineOf(100),
  townships: z.array(lineOf(100)).min(1).max(500),
  fee: MoneySchema,
  acceptsCashOnDelivery: z.boolean(),
});

function hasOwnIds(zones: readonly { id?: string | undefined }[]): boolean {
  const ids = zones.flatMap(({ id }) => id ?? []);
  return new Set(ids).size === ids.length;
}

export const UpdateShopBody = z
  .strictObject({
    name: lineOf(100).optional(),
    languages: z
      .array(LanguageSchema)
      .min(1)
      .max(2)
      .refine((languages) => new Set(languages).size === languages.length, "Each language once")
      .optional()
      .openapi({ uniqueItems: true }),
    agentName: lineOf(50).optional(),
    isAgentEnabled: z.boolean().optional(),
    policies: z
      .strictObject({
        openHours: PolicyText.optional(),
        returns: PolicyText.optional(),
        zones: z
          .array(ZoneBody)
          .max(200)
          .refine(hasOwnIds, "Each zone has an id of its own")
          .optional()
          .openapi({ description: "Replaces all zones." }),
        retention: z.strictObject(ShopRetentionFields).partial().optional(),
      })
      .optional(),
  })
  .refine((body) => Object.keys(body).length > 0, "Names no change")
  .openapi("UpdateShop", { minProperties: 1 });

export type UpdateShop = z.infer<typeof UpdateShopBody>;

export function toShop(shop: Shop): z.infer<typeof ShopSchema> {
  const { currency, policies } = shop;
  return {
    id: toTypeId("shop", shop.id),
    name: shop.name,
    country: shop.country,
    currency,
    timeZone: shop.timeZone,
    languages: shop.languages,
    agentName: shop.agentName,
    isAgentEnabled: shop.isAgentEnabled,
    policies: {
      ...policies,
      retention: policies.retention ?? noShopRetention,
      zones: policies.zones.map(({ feeMinor, ...zone }) => ({
        ...zone,
        fee: { amountMinor: feeMinor, currency },
      })),
    },
    version: shop.version,
    createdAt: shop.createdAt.toISOString(),
  };
}

/** Zones keep the ids that orders know them by. */
export function changedPolicies(
  policies: ShopPolicies,
  change: NonNullable<UpdateShop["policies"]>,
): ShopPolicies {
  const { openHours, returns, zones, retention } = change;
  return {
    ...policies,
    openHours: openHours ?? policies.openHours,
    returns: returns ?? policies.returns,
    zones: zones?.map(toZone) ?? policies.zones,
    ...(retention === undefined
      ? {}
      : { retention: { ...noShopRetention, ...policies.retention, ...given(retention) } }),
  };
}

function toZone({ id, fee, ...zone }: z.infer<typeof ZoneBody>): DeliveryZone {
  return { ...zone, id: id ?? newId<string>(), feeMinor: fee.amountMinor };
}
