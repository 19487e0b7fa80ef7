import { accountPlace } from "../../db/accounts.ts";
import { claimDueMails, hasDueMails, settleMail } from "../../db/mails.ts";
import type { DueMail } from "../../db/mails.ts";
import { mailBackOffMs } from "../../domain/account/mail-back-off.ts";
import { mailText } from "../../domain/account/mail-texts.ts";
import type { MailSecret } from "../../domain/account/mail-texts.ts";
import type { MailClient, MailResult } from "../../domain/ports/mail-client.ts";
import type { ToOpen } from "../../domain/sealing.ts";
import { openText } from "../open-text.ts";
import type { UpkeepDeps } from "./upkeep-deps.ts";

/** A mail server that hangs holds each mail for some ten seconds; the loop has to show that it is alive. */
const batch = 5;
/** Longer than all of a batch may take; a worker that died while sending sends again, under the same Message-ID. */
const leaseMs = 10 * 60_000;

/** Sends what is due. Safe to run twice: each mail is claimed by a guarded update, and its row's id is its Message-ID. */
export async function sendMails(deps: UpkeepDeps): Promise<number> {
  const { mail } = deps;
  // Untouched rows wait for the day that there is a mail server; none is given up meanwhile.
  if (mail === null) return 0;
  const now = deps.clock.now();
  if (!(await deps.db.alone((db) => hasDueMails(db, now)))) return 0;
  const leaseUntil = new Date(now.getTime() + leaseMs);
  const due = await deps.db.withoutShop((trx) => claimDueMails(trx, { now, leaseUntil, limit: batch }));
  for (const one of due) {
    try {
      await settle(deps, one, await sendOne({ ...deps, mail }, one));
    } catch (error) {
      // One mail's trouble must not hold the others; it is taken again after its lease.
      deps.log.error({ mailId: one.id, err: error }, "mail.send_failed");
    }
  }
  return due.length;
}

type Sent = MailResult | { outcome: "gone" };

async function sendOne(deps: UpkeepDeps & { mail: MailClient }, mail: DueMail): Promise<Sent> {
  if (mail.expiresAt !== null && mail.expiresAt <= deps.clock.now()) {
    return { outcome: "refused", code: "mail.expired" };
  }
  const [email, secretText] = await openText(deps.sealer, placesOf(mail));
  if (email === undefined || (mail.secret !== null && secretText === undefined)) return { outcome: "gone" };
  // Our own bytes, sealed by `sealMailSecret`.
  const secret = secretText === undefined ? {} : (JSON.parse(secretText) as MailSecret);
  const { data, kind, language } = mail;
  const { publicUrl, supportEmail } = deps;
  const { token, words } = secret;
  const text = mailText(kind, { data, token, words, publicUrl, supportEmail }, language);
  return deps.mail.sendMail({ id: mail.id, to: secret.to ?? email, ...text });
}

function placesOf({ id, accountId, email, secret }: DueMail): ToOpen[] {
  const address = { place: accountPlace(accountId, "account.email"), sealed: email };
  if (secret === null) return [address];
  return [address, { place: accountPlace(accountId, "mail.secret", id), sealed: secret }];
}

async function settle(deps: UpkeepDeps, { id, attempts }: DueMail, sent: Sent): Promise<void> {
  const now = deps.clock.now();
  const waitMs = sent.outcome === "retry" ? mailBackOffMs(attempts) : 0;
  const state = stateOf(sent, waitMs);
  if (state === "failed")
    deps.log.warn({ mailId: id, code: "code" in sent ? sent.code : null }, "mail.failed");
  await deps.db.withoutShop((trx) =>
    settleMail(trx, {
      id,
      state,
      nextAttemptAt: new Date(now.getTime() + (waitMs ?? 0)),
      errorCode: "code" in sent ? sent.code : null,
      now,
    }),
  );
}

function stateOf({ outcome }: Sent, waitMs: number | undefined) {
  switch (outcome) {
    case "sent":
    case "gone":
      return outcome;
    case "retry":
      return waitMs === undefined ? "failed" : "queued";
    case "refused":
      return "failed";
  }
}
