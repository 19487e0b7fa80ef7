import type { ColumnType } from "kysely";

import type { AccountId, CustomerId, NoticeId, OrderId, ShopId, SubjectId } from "../../domain/id.ts";
import type { NoticeData, NoticeKind } from "../../domain/order/notice-texts.ts";
import type { ActorKind } from "./orders.ts";
import type { SealedColumn, SealedOrNull, Optional, Count } from "./columns.ts";

export interface DevicesTable {
  shop_id: ShopId;
  id: string;
  account_id: AccountId;
  token_index: Buffer;
  token: SealedColumn;
  created_at: Date;
  gone_at: Optional<Date>;
}

export interface OwnerNoticesTable {
  shop_id: ShopId;
  id: NoticeId;
  kind: NoticeKind;
  business_key: string;
  order_id: Optional<OrderId>;
  customer_id: Optional<CustomerId>;
  /** For this account alone; null: for all who may see it. */
  account_id: Optional<AccountId>;
  /** Numbers of order and invoice, amount and days; never personal data. */
  data: ColumnType<NoticeData, string | undefined, never>;
  created_at: Date;
  read_at: Optional<Date>;
}

export interface PushPartsTable {
  shop_id: ShopId;
  notice_id: NoticeId;
  device_id: string;
  state: "queued" | "sending" | "sent" | "failed" | "gone";
  attempts: Count;
  next_attempt_at: Date;
  sent_at: Optional<Date>;
  error_code: Optional<string>;
}

/** `admin`: of the platform, about the shop. */
export type AuditActorKind = ActorKind | "admin";

export interface AuditEventsTable {
  shop_id: ShopId;
  id: string;
  at: Date;
  actor_kind: AuditActorKind;
  actor_id: Optional<AccountId>;
  action: string;
  subject_id: Optional<SubjectId>;
  resource_id: Optional<string>;
  data: ColumnType<Record<string, string | number | boolean | null>, string | undefined, never>;
  /** The place in the chain of its log; the chainer gives it a few seconds later. */
  sequence: Optional<number>;
  previous_hash: Optional<Buffer>;
  hash: Optional<Buffer>;
}

/** Of each log, also of the platform's. */
export interface AuditChainsTable {
  shop_id: ShopId;
  last_sequence: Count;
  last_hash: Buffer;
  /** The last link that was cut off, 0 while none was. */
  anchor_sequence: Count;
  anchor_hash: Buffer;
  exported_sequence: Count;
  exported_at: Optional<Date>;
}

export interface IdempotencyKeysTable {
  shop_id: ShopId;
  actor_id: string;
  key: string;
  /** SHA-256 of method, path and body: the same key with another request is refused. */
  fingerprint: Buffer;
  lease_until: Optional<Date>;
  status: Optional<number>;
  response: SealedOrNull;
  created_at: Date;
}
