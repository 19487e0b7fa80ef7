import type { AccountId, MessageId, PrivacyRequestId, ShopId, SubjectId } from "../../domain/id.ts";
import type { PrivacyProfile } from "../../domain/privacy/due-date.ts";
import type {
  IdentityProof,
  ObjectionLimit,
  PrivacyAnswer,
  PrivacyDenial,
  PrivacyDoor,
  PrivacyKind,
  PrivacyState,
  PrivacySubjectKind,
  PrivacyTelling,
} from "../../domain/privacy/privacy-request.ts";
import type { PrivacyTimings } from "../../domain/privacy/timings.ts";
import type { Count, Flag, Json, Optional, SealedColumn } from "./columns.ts";

export interface PrivacyRequestsTable {
  shop_id: ShopId;
  id: PrivacyRequestId;
  /** Null: it came by the public page, and nobody has shown in a thread that it is theirs. */
  subject_id: Optional<SubjectId>;
  subject_kind: PrivacySubjectKind;
  kind: PrivacyKind;
  objects_to: Optional<ObjectionLimit>;
  state: PrivacyState;
  door: PrivacyDoor;
  proof: Optional<IdentityProof>;
  code_hash: Buffer;
  /** What was written with it, and why it was denied. */
  note_id: Optional<MessageId>;
  reason_note_id: Optional<MessageId>;
  profile: PrivacyProfile;
  timings: Json<PrivacyTimings>;
  /** Who asked on the person's behalf, or for their own account. */
  requested_by: Optional<AccountId>;
  decided_by: Optional<AccountId>;
  answer: Optional<PrivacyAnswer>;
  denial: Optional<PrivacyDenial>;
  /** What the person has yet to be told. */
  tell: Optional<PrivacyTelling>;
  /** The platform went on without the shop's word. */
  was_owner_silent: Flag;
  /** The person had an open request of the same kind, which answers this one. */
  joined_to: Optional<PrivacyRequestId>;
  received_at: Date;
  verified_at: Optional<Date>;
  /** Until then a deletion can be taken back. */
  act_at: Optional<Date>;
  reminders_done: Count;
  target_at: Date;
  due_at: Date;
  alarmed_at: Optional<Date>;
  answered_at: Optional<Date>;
  ended_at: Optional<Date>;
  version: Count;
}

export type PrivacyActorKind = "person" | "owner" | "admin" | "system";

export interface PrivacyRequestEventsTable {
  shop_id: ShopId;
  id: string;
  request_id: PrivacyRequestId;
  at: Date;
  actor_kind: PrivacyActorKind;
  actor_id: Optional<AccountId>;
  /** A code, such as `verified` or `reminded`. */
  event: string;
}

export interface PrivacyNotesTable {
  shop_id: ShopId;
  id: MessageId;
  request_id: PrivacyRequestId;
  body: SealedColumn;
  created_at: Date;
}
