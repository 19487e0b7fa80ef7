import type { ColumnType, Generated } from "kysely";

import type { AccountEventKind } from "../../domain/account/account-event.ts";
import type { MailData, MailKind } from "../../domain/account/mail-texts.ts";
import type { NoticeChannel, NoticeTopic } from "../../domain/account/notice-topics.ts";
import type { AttestationKind, PolicyName } from "../../domain/account/policies.ts";
import type { MembershipRole } from "../../domain/account/roles.ts";
import type { AccountId, AppealId, MailId, ShopId } from "../../domain/id.ts";
import type { Language } from "../../domain/shop/policies.ts";
import type { Count, Optional, SealedColumn, SealedOrNull } from "./columns.ts";

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
  last_seen_at: Generated<Date>;
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

export interface AccountTokensTable {
  /** SHA-256 of the token: the token itself is in the mail alone. */
  token_hash: Buffer;
  account_id: AccountId;
  kind: "verify_email" | "reset_password" | "change_email";
  email_index: Optional<Buffer>;
  /** Sealed in the place of the account's own address, where it moves. */
  email: SealedOrNull;
  created_at: Date;
  expires_at: Date;
  used_at: Optional<Date>;
}

export interface PolicyAcceptancesTable {
  account_id: AccountId;
  policy: PolicyName;
  version: string;
  accepted_at: Date;
  /** SHA-256 of the wording, hexadecimal; null: accepted before it was kept. */
  wording_hash: string | null;
  /** `by_use`: of a minor change, by going on after it took effect. */
  how: Generated<"explicit" | "by_use">;
}

export interface AccountAppealsTable {
  id: AppealId;
  account_id: AccountId;
  body: SealedColumn;
  state: Generated<"open" | "granted" | "refused">;
  created_at: Date;
  decided_at: Optional<Date>;
  /** Null: by a command. */
  decided_by: Optional<AccountId>;
}

export interface MailsTable {
  id: MailId;
  account_id: AccountId;
  kind: MailKind;
  business_key: string;
  language: Language;
  /** Codes, amounts, dates and names of shops; never a person's data. */
  data: ColumnType<MailData, string | undefined, never>;
  /** The link's token, or another address than the account's; emptied once it is sent. */
  secret: SealedOrNull;
  state: "queued" | "sending" | "sent" | "failed" | "gone";
  attempts: Count;
  next_attempt_at: Date;
  created_at: Date;
  /** After this it is of no use to anybody. */
  expires_at: Optional<Date>;
  sent_at: Optional<Date>;
  error_code: Optional<string>;
}

/** What an account never touched has no row. */
export interface NoticePreferencesTable {
  account_id: AccountId;
  topic: NoticeTopic;
  channel: NoticeChannel;
  is_on: boolean;
  changed_at: Date;
}

export interface ShopAttestationsTable {
  shop_id: ShopId;
  id: string;
  account_id: AccountId;
  kind: AttestationKind;
  version: string;
  attested_at: Date;
}
