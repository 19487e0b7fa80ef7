import type { Generated } from "kysely";

import type { PolicyName } from "../../domain/account/policies.ts";
import type { AccountId, AgeReportId, ShopId, SubjectId } from "../../domain/id.ts";
import type { ConsentChannel, ConsentDoor, ConsentPurpose } from "../../domain/privacy/consent.ts";
import type { LegalBasis } from "../../domain/privacy/data-purpose.ts";
import type { LimitGround, ProcessingLimit } from "../../domain/privacy/processing-limit.ts";
import type { ShopPurpose } from "../../domain/privacy/shop-purpose.ts";
import type { Language } from "../../domain/shop/policies.ts";
import type { Json, Optional, SealedOrNull } from "./columns.ts";

export interface ProcessingLimitsTable {
  shop_id: ShopId;
  id: string;
  subject_id: SubjectId;
  kind: ProcessingLimit;
  ground: LimitGround;
  request_id: Optional<string>;
  set_at: Date;
  lifted_at: Optional<Date>;
  /** The request by which it was lifted. */
  lifted_by: Optional<string>;
}

export interface ConsentsTable {
  shop_id: ShopId;
  id: string;
  /** The newest of a purpose and a channel counts. */
  seq: Generated<string>;
  subject_id: SubjectId;
  purpose: ConsentPurpose;
  channel: ConsentChannel;
  decision: "given" | "withdrawn";
  wording_version: string;
  wording_hash: string;
  door: ConsentDoor;
  decided_at: Date;
}

export interface ShopPurposesTable {
  shop_id: ShopId;
  purpose: ShopPurpose;
  /** Null: taken away. */
  basis: Optional<LegalBasis>;
  /** Null: the default, noted when a Page was connected. */
  set_by: Optional<AccountId>;
  set_at: Date;
}

export interface PolicyVersionsTable {
  policy: PolicyName;
  version: string;
  wording: Json<Record<Language, string>>;
  wording_hash: string;
  summary: Json<Record<Language, string>>;
  is_material: boolean;
  published_at: Date;
  effective_at: Date;
  published_by: Optional<AccountId>;
}

export interface PolicyNoticesTable {
  policy: PolicyName;
  version: string;
  account_id: AccountId;
  told_at: Date;
}

export interface AgeReportsTable {
  shop_id: ShopId;
  id: AgeReportId;
  /** `chat`: the person said so; it counts until somebody of the shop says otherwise. */
  door: "chat" | "form";
  /** Null: nobody has found out yet who is meant. */
  subject_id: Optional<SubjectId>;
  state: "open" | "verified" | "dismissed";
  body: SealedOrNull;
  reported_at: Date;
  /** Until when the erasure must be done. */
  erase_by: Optional<Date>;
  decided_at: Optional<Date>;
  decided_by: Optional<AccountId>;
}
