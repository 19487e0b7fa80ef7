import { sql } from "kysely";

import type { MailData, MailKind, MailSecret } from "../domain/account/mail-texts.ts";
import { newId } from "../domain/id.ts";
import type { AccountId, MailId } from "../domain/id.ts";
import type { Sealed, Sealer } from "../domain/sealing.ts";
import type { Language } from "../domain/shop/policies.ts";
import { accountPlace } from "./accounts.ts";
import type { ShopTransaction } from "./connection.ts";

export type NewMail = {
  accountId: AccountId;
  kind: MailKind;
  /** One mail, however often it is asked for. */
  businessKey: string;
  /** Codes, amounts, dates and names of shops; never a person's data. */
  data: MailData;
  /** From `sealMailSecret`, made before the transaction. */
  secret?: MailSecretSealed;
  language: Language;
  now: Date;
  /** After this it is not sent any more. */
  expiresAt?: Date;
};

export type MailSecretSealed = { id: MailId; sealed: Sealed };

/** Seals what only the person may read, for a mail that is queued in a transaction to come. */
export async function sealMailSecret(
  sealer: Sealer,
  { accountId, secret }: { accountId: AccountId; secret: MailSecret },
): Promise<MailSecretSealed> {
  const id = newId<MailId>();
  const place = accountPlace(accountId, "mail.secret", id);
  const [sealed] = await sealer.seal([{ place, plaintext: JSON.stringify(secret) }]);
  if (sealed === undefined) throw new TypeError("nothing was sealed");
  return { id, sealed };
}

/** Belongs into the transaction of what it tells of; the worker sends it. Safe to run twice, by the business key. */
export function queueMail(trx: ShopTransaction, mail: NewMail): Promise<void> {
  return queueMails(trx, [mail]);
}

export async function queueMails(trx: ShopTransaction, mails: readonly NewMail[]): Promise<void> {
  if (mails.length === 0) return;
  await trx
    .insertInto("mails")
    .values(
      mails.map((mail) => ({
        id: mail.secret?.id ?? newId<MailId>(),
        account_id: mail.accountId,
        kind: mail.kind,
        business_key: mail.businessKey,
        language: mail.language,
        data: JSON.stringify(mail.data),
        secret: mail.secret?.sealed ?? null,
        state: "queued" as const,
        next_attempt_at: mail.now,
        created_at: mail.now,
        expires_at: mail.expiresAt ?? null,
      })),
    )
    .onConflict((conflict) => conflict.column("business_key").doNothing())
    .execute();
}

/** How many were queued for the account since then: strangers can ask for some of them. */
export async function countMailsSince(
  trx: ShopTransaction,
  { accountId, kinds, since }: { accountId: AccountId; kinds: readonly MailKind[]; since: Date },
): Promise<number> {
  const { count } = await trx
    .selectFrom("mails")
    .where("account_id", "=", accountId)
    .where("kind", "in", kinds)
    .where("created_at", ">", since)
    .select(({ fn }) => fn.countAll<number>().as("count"))
    .executeTakeFirstOrThrow();
  return count;
}

export type DueMail = {
  id: MailId;
  accountId: AccountId;
  kind: MailKind;
  language: Language;
  data: MailData;
  secret: Sealed | null;
  attempts: number;
  expiresAt: Date | null;
  email: Sealed;
};

/** Takes the mails that are due; one that a dead worker left `sending` is taken again, under the same Message-ID. */
export async function claimDueMails(
  trx: ShopTransaction,
  { now, leaseUntil, limit }: { now: Date; leaseUntil: Date; limit: number },
): Promise<DueMail[]> {
  const due = await trx
    .selectFrom("mails")
    .select("id")
    .where("state", "in", ["queued", "sending"])
    .where("next_attempt_at", "<=", now)
    .orderBy("next_attempt_at")
    .limit(limit)
    .forUpdate()
    .skipLocked()
    .execute();
  const ids = due.map(({ id }) => id);
  if (ids.length === 0) return [];
  await trx
    .updateTable("mails")
    .set((eb) => ({ state: "sending", attempts: eb("attempts", "+", 1), next_attempt_at: leaseUntil }))
    .where("id", "in", ids)
    .execute();
  return trx
    .selectFrom("mails")
    .innerJoin("accounts", "accounts.id", "mails.account_id")
    .where("mails.id", "in", ids)
    .select([
      "mails.id",
      "mails.account_id as accountId",
      "mails.kind",
      "mails.language",
      "mails.data",
      "mails.secret",
      "mails.attempts",
      "mails.expires_at as expiresAt",
      "accounts.email",
    ])
    .orderBy("mails.created_at")
    .execute();
}

/** What is settled for good keeps no link. */
export async function settleMail(
  trx: ShopTransaction,
  mail: {
    id: MailId;
    state: "queued" | "sent" | "failed" | "gone";
    nextAttemptAt: Date;
    errorCode: string | null;
    now: Date;
  },
): Promise<void> {
  await trx
    .updateTable("mails")
    .set({
      state: mail.state,
      next_attempt_at: mail.nextAttemptAt,
      error_code: mail.errorCode,
      ...(mail.state === "queued" ? {} : { secret: null }),
      ...(mail.state === "sent" ? { sent_at: mail.now } : {}),
    })
    .where("id", "=", mail.id)
    .where("state", "=", "sending")
    .execute();
}

/** Whether any is due: the usual answer is no, and it costs one look at the index. */
export async function hasDueMails(db: ShopTransaction, now: Date): Promise<boolean> {
  const { rows } = await sql<{ is_due: boolean }>`select exists (
    select from mails where state in ('queued', 'sending') and next_attempt_at <= ${now}) as is_due`.execute(
    db,
  );
  return rows[0]?.is_due === true;
}
