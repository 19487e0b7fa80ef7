import { dataPurposes } from "./data-purpose.ts";
import type { LegalBasis } from "./data-purpose.ts";

/** For what a shop uses its customers' data, as far as its owner decides about it. */
export const shopPurposes = [
  "conversation",
  "order",
  "payment",
  "follow_up",
  "analytics",
  "marketing",
  "improvement",
] as const;
export type ShopPurpose = (typeof shopPurposes)[number];

/** On which the owner may rest it. What needs the person's own yes rests on nothing else, and on that alone. */
export function basesFor(purpose: ShopPurpose): readonly LegalBasis[] {
  return dataPurposes[purpose].isOwners
    ? ["contract", "legal_obligation", "legitimate_interest"]
    : ["consent"];
}

/** Until the owner says otherwise. Null: refused; nobody's conversations improve anything unless the owner has said so. */
export function defaultBasis(purpose: ShopPurpose): LegalBasis | null {
  return purpose === "improvement" ? null : dataPurposes[purpose].basis;
}
