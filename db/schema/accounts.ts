import type { ColumnType } from "kysely";

import type { AccountEventKind } from "../../domain/account/account-event.ts";
import type { MembershipRole } from "../../domain/account/roles.ts";
import type { AccountId, ShopId } from "../../domain/id.ts";
import type { Language } from "../../domain/shop/policies.ts";
import type { Count, Optional, SealedColumn } from "./columns.ts";

export interface SecondFactorsTable {
  account_id: AccountId;
  secret: SealedColumn;
  created_at: Date;
  /** Null until a first code has shown that the phone has the secret. */
  confirmed_at: Optional<Date>;
  /** The period of the last code that was taken: a code works once. */
  last_counter: Optional<number>;
}

export interface RecoveryCodesTable {
  account_id: AccountId;
  code_hash: Buffer;
  created_at: Date;
  used_at: Optional<Date>;
}

export interface SignInStepsTable {
  token_hash: Buffer;
  account_id: AccountId;
  language: Language;
  tries: Count;
  created_at: Date;
  expires_at: Date;
}

export interface KnownDevicesTable {
  account_id: AccountId;
  device_index: Buffer;
  created_at: Date;
}

export interface AccountEventsTable {
  id: string;
  account_id: AccountId;
  kind: AccountEventKind;
  business_key: Optional<string>;
  /** Ids, counts and codes; never personal data. */
  data: ColumnType<Record<string, string | number>, string | undefined, never>;
  at: Date;
}

export interface InvitationsTable {
  shop_id: ShopId;
  id: string;
  token_hash: Buffer;
  /** Of the account that may take it. */
  email_index: Buffer;
  /** Under the shop's key: the person may have no account yet. */
  email: SealedColumn;
  role: MembershipRole;
  created_by: AccountId;
  created_at: Date;
  expires_at: Date;
  accepted_at: Optional<Date>;
  accepted_by: Optional<AccountId>;
  revoked_at: Optional<Date>;
}
