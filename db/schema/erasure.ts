import type { ColumnType } from "kysely";

import type { OrderId, PrivacyRequestId, ShopId, SubjectId } from "../../domain/id.ts";
import type { DestroyedKey, ErasureStage, RunEnd, StoreCount } from "../../domain/privacy/erasure.ts";
import type { ErasureTimings } from "../../domain/privacy/erasure-timings.ts";
import type { RetentionClass } from "../../domain/privacy/retention-class.ts";
import type { Count, Json, Optional } from "./columns.ts";

/** JSON that begins as the database's default. */
type Kept<T extends object> = ColumnType<T, string | undefined, string>;

export interface ErasuresTable {
  shop_id: ShopId;
  request_id: PrivacyRequestId;
  subject_id: SubjectId;
  stage: ErasureStage;
  /** Rises whenever a hold has ended and what it kept is to go. */
  leg: Count;
  timings: Json<ErasureTimings>;
  plan: Json<StoreCount[]>;
  /** Rows that went, by store. */
  removed: Kept<Record<string, number>>;
  /** The ids of all workflows of the person. */
  workflows: Kept<string[]>;
  /** By the run's id. */
  runs: Kept<Record<string, RunEnd>>;
  destroyed_keys: Kept<DestroyedKey[]>;
  /** So many sealed values were tried with their keys gone, and none opened. */
  probed_values: Count;
  started_at: Date;
  fenced_at: Optional<Date>;
  /** Since then no copy of a wrapped key can be unwrapped either. */
  final_at: Optional<Date>;
}

export interface HoldsTable {
  shop_id: ShopId;
  id: string;
  request_id: PrivacyRequestId;
  subject_id: SubjectId;
  purpose: "chat" | "order" | "finance";
  class: RetentionClass;
  basis: "open_order" | "bookkeeping";
  /** It ends with this order; else at `until`. */
  order_id: Optional<OrderId>;
  until: Optional<Date>;
  created_at: Date;
  ended_at: Optional<Date>;
}

export interface SuppressionsTable {
  shop_id: ShopId;
  sender_index: Buffer;
  erased_at: Date;
  until: Date;
}

export interface CertificatesTable {
  shop_id: ShopId;
  request_id: PrivacyRequestId;
  revision: number;
  id: string;
  /** Canonical JSON: the bytes that are signed. */
  body: string;
  signature: Buffer;
  key_id: string;
  /** With it, who asked can see that the pseudonym is theirs. */
  salt: Buffer;
  is_final: boolean;
  issued_at: Date;
}

/** Public halves of the keys that have signed certificates. */
export interface CertificateKeysTable {
  id: string;
  public_key: Buffer;
  created_at: Date;
}
