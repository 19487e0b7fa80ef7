import type { ShopRetention } from "../privacy/purge-rules.ts";

export type Language = "my" | "en";

/** A delivery area with its fee; a township is served by the first zone that names it (in any spelling listed). */
export type DeliveryZone = {
  id: string;
  name: string;
  /** Township names as customers write them, in every language and spelling the shop knows; `*` is everywhere else. */
  townships: string[];
  feeMinor: number;
  acceptsCashOnDelivery: boolean;
};

/** What the agent may say about the shop, as the owner wrote it, in each language that the shop answers in. */
export type ShopPolicies = {
  openHours: Record<Language, string>;
  returns: Record<Language, string>;
  zones: DeliveryZone[];
  /** Absent: as the classes of data say. */
  retention?: ShopRetention;
};

/** Of a shop that was just opened: the owner fills them in. */
export const emptyPolicies: ShopPolicies = {
  openHours: { my: "", en: "" },
  returns: { my: "", en: "" },
  zones: [],
};
