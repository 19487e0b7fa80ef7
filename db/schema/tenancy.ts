import type { Generated } from "kysely";

import type { MembershipRole } from "../../domain/account/roles.ts";
import type { AccountId, KeyId, PageConnectionId, PageId, ShopId, SubjectId } from "../../domain/id.ts";
import type { SuspensionReason } from "../../domain/account/suspension.ts";
import type { ConversationTimings } from "../../domain/conversation/timings.ts";
import type { PageGap } from "../../domain/messenger/page-gap.ts";
import type { PageRouting } from "../../domain/messenger/page-routing.ts";
import type { Currency } from "../../domain/money.ts";
import type { OrderTimings } from "../../domain/order/timings.ts";
import type { Purpose, SubjectKind, SubjectState } from "../../domain/sealing.ts";
import type { Language, ShopPolicies } from "../../domain/shop/policies.ts";
import type { Json, JsonOrNull, SealedColumn, SealedOrNull, Optional, Flag, Count } from "./columns.ts";

export interface ShopsTable {
  id: ShopId;
  name: string;
  country: string;
  currency: Currency;
  time_zone: string;
  languages: Language[];
  agent_name: string;
  is_agent_enabled: Flag;
  /** When it was switched on again. */
  agent_from: Optional<Date>;
  policies: Json<ShopPolicies>;
  order_timings: Json<OrderTimings>;
  conversation_timings: Json<ConversationTimings>;
  next_order_number: Count;
  version: Count;
  created_at: Date;
}

export interface KeyEpochsTable {
  id: number;
  state: "open" | "closing" | "closed" | "destroyed";
  opened_at: Date;
  closed_at: Optional<Date>;
  destroyed_at: Optional<Date>;
  lock_mark: Count;
}

export interface SubjectsTable {
  shop_id: ShopId;
  id: SubjectId;
  kind: SubjectKind;
  state: Generated<SubjectState>;
  created_at: Date;
  lock_mark: Count;
}

export interface SubjectKeysTable {
  shop_id: ShopId;
  id: KeyId;
  subject_id: SubjectId;
  purpose: Purpose;
  epoch: number;
  wrapped: Buffer;
  created_at: Generated<Date>;
}

export type PageState = "connected" | "broken" | "disconnected";

export interface PagesTable {
  shop_id: ShopId;
  id: PageId;
  /** One row has a number; one whose Page another shop has connected since has `left/{id}` in its place. */
  meta_page_id: string;
  left_meta_page_id: Optional<string>;
  name: string;
  token: SealedColumn;
  state: PageState;
  problem: Optional<string>;
  checked_at: Optional<Date>;
  paused_until: Optional<Date>;
  /** Whose login at Meta the token came from; null: it was given by hand. */
  person_index: Optional<Buffer>;
  routing: Generated<PageRouting>;
  gap: JsonOrNull<PageGap>;
  /** Since when the shop has it, but for times in which it was broken; null, like `token_at`: since it was made. */
  connected_at: Optional<Date>;
  token_at: Optional<Date>;
  /** When a send was last refused for the Page's sake; null once the owner was told that it works. */
  refused_at: Optional<Date>;
  version: Count;
  created_at: Date;
}

/** A login at Meta that was begun for a shop, and the Pages that it found. */
export interface PageConnectionsTable {
  shop_id: ShopId;
  id: PageConnectionId;
  session_id: string;
  state_hash: Buffer;
  state_ends_at: Date;
  /** The state is worth nothing from then on. */
  taken_at: Optional<Date>;
  problem: Optional<string>;
  person_index: Optional<Buffer>;
  /** Numbers, names and tokens of the Pages. Place: the shop, `secret`, `page_connection.found`, the id. */
  found: SealedOrNull;
  created_at: Date;
  ends_at: Date;
}

export interface PageEventsTable {
  shop_id: ShopId;
  id: string;
  page_id: PageId;
  kind: string;
  event_key: Buffer;
  detail: Json<object>;
  occurred_at: Date;
  received_at: Date;
}

export interface AccountsTable {
  id: AccountId;
  email_index: Buffer;
  email: SealedColumn;
  password_hash: string;
  platform_role: Optional<"admin" | "compliance">;
  username_index: Optional<Buffer>;
  /** Username, name and telephone of who has one. */
  profile: SealedOrNull;
  language: Generated<Language>;
  /** When the address was proven; without a value, at once: a command made the account. */
  verified_at: Optional<Date>;
  /** As it was written at sign-up, normalised. */
  referral_code_given: Optional<string>;
  suspended_at: Optional<Date>;
  suspended_for: Optional<SuspensionReason>;
  /** Null: by a command, or not suspended. */
  suspended_by: Optional<AccountId>;
  created_at: Date;
}

export interface MembershipsTable {
  shop_id: ShopId;
  account_id: AccountId;
  role: MembershipRole;
  created_at: Date;
}

export interface SessionsTable {
  token_hash: Buffer;
  id: string;
  account_id: AccountId;
  language: Language;
  created_at: Date;
  last_used_at: Date;
  expires_at: Date;
  ended_at: Optional<Date>;
  /** Device and network, as they are shown. */
  origin: SealedOrNull;
  /** Whoever began it gave a code. */
  has_factor: Flag;
  /** When its owner last proved who they are. */
  stepped_up_at: Optional<Date>;
}

export interface ApiKeysTable {
  shop_id: ShopId;
  id: string;
  token_hash: Buffer;
  name: string;
  /** Null: all that a key may have. */
  scopes: Optional<string[]>;
  created_by: Optional<AccountId>;
  created_at: Date;
  last_used_at: Optional<Date>;
  expires_at: Optional<Date>;
  revoked_at: Optional<Date>;
}
