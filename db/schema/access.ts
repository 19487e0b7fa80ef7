import type { AccessDecision, AccessKind } from "../../domain/access/access-review.ts";
import type { BreakGlassScope } from "../../domain/access/break-glass.ts";
import type { DisclosureGround } from "../../domain/access/disclosure.ts";
import type {
  AccessReviewId,
  AccountId,
  BreakGlassId,
  CustomerId,
  DisclosureId,
  ShopId,
} from "../../domain/id.ts";
import type { Optional, SealedColumn } from "./columns.ts";

export interface BreakGlassGrantsTable {
  shop_id: ShopId;
  id: BreakGlassId;
  /** Null: the whole shop. */
  customer_id: Optional<CustomerId>;
  scopes: BreakGlassScope[];
  minutes: number;
  /** Place: `breakGlassReasonPlace`. */
  reason: SealedColumn;
  requested_by: AccountId;
  requested_at: Date;
  decided_by: Optional<AccountId>;
  approved_at: Optional<Date>;
  refused_at: Optional<Date>;
  told_at: Optional<Date>;
  ends_at: Optional<Date>;
  revoked_by: Optional<AccountId>;
  revoked_at: Optional<Date>;
  end_told_at: Optional<Date>;
}

export interface DisclosuresTable {
  shop_id: ShopId;
  id: DisclosureId;
  subject_id: CustomerId;
  ground: DisclosureGround;
  /** The words of the order or of the law. Place: `disclosureBasisPlace`. */
  basis: SealedColumn;
  proposed_by: AccountId;
  proposed_at: Date;
  /** Until then the owner must not know. */
  barred_until: Optional<Date>;
  first_approved_by: Optional<AccountId>;
  first_approved_at: Optional<Date>;
  second_approved_by: Optional<AccountId>;
  approved_at: Optional<Date>;
  refused_by: Optional<AccountId>;
  refused_at: Optional<Date>;
  package_id: Optional<string>;
  built_at: Optional<Date>;
  told_at: Optional<Date>;
}

export interface AccessReviewsTable {
  shop_id: ShopId;
  id: AccessReviewId;
  opened_at: Date;
  due_at: Date;
  reminded_at: Optional<Date>;
  signed_by: Optional<AccountId>;
  signed_at: Optional<Date>;
}

/** What was said at the sign-off, of each access as it was then. */
export interface AccessReviewItemsTable {
  shop_id: ShopId;
  review_id: AccessReviewId;
  kind: AccessKind;
  access_id: string;
  detail: string;
  decision: AccessDecision["decision"];
}
