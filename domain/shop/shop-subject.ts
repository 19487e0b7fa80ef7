import type { ShopId, SubjectId } from "../id.ts";

/** A shop is a subject under its own id: what is the shop's secret is sealed under this one's keys. */
export function shopSubject(shopId: ShopId): SubjectId {
  // Safe: the `subjects` row of a shop is made with the shop's id.
  return shopId as string as SubjectId;
}
