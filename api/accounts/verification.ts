import { insertAccountToken } from "../../db/account-tokens.ts";
import type { ShopTransaction } from "../../db/connection.ts";
import { queueMail, sealMailSecret } from "../../db/mails.ts";
import type { MailSecretSealed } from "../../db/mails.ts";
import type { AccountId } from "../../domain/id.ts";
import type { Language } from "../../domain/shop/policies.ts";
import type { ApiDeps } from "../deps.ts";
import { newMailToken } from "./mail-token.ts";

const lifetimeMs = 24 * 60 * 60_000;

export type Verification = { tokenHash: Buffer; secret: MailSecretSealed };

/** The link's two halves: sealed for the mail, hashed for the table. Before the transaction that queues it. */
export async function prepareVerification({ sealer }: ApiDeps, accountId: AccountId): Promise<Verification> {
  const { token, tokenHash } = newMailToken();
  return { tokenHash, secret: await sealMailSecret(sealer, { accountId, secret: { token } }) };
}

export async function queueVerification(
  trx: ShopTransaction,
  {
    accountId,
    verification: { tokenHash, secret },
    language,
    now,
  }: { accountId: AccountId; verification: Verification; language: Language; now: Date },
): Promise<void> {
  const expiresAt = new Date(now.getTime() + lifetimeMs);
  await insertAccountToken(trx, { tokenHash, accountId, kind: "verify_email", now, expiresAt });
  await queueMail(trx, {
    accountId,
    kind: "verify_email",
    businessKey: `verify_email:${secret.id}`,
    data: {},
    secret,
    language,
    now,
    expiresAt,
  });
}
