import { countMailsSince } from "../../db/mails.ts";
import type { ShopTransaction } from "../../db/connection.ts";
import type { MailKind } from "../../domain/account/mail-texts.ts";
import type { AccountId } from "../../domain/id.ts";
import { takePoint } from "../auth/rate-limits.ts";
import type { RateLimits } from "../auth/rate-limits.ts";

const hourMs = 60 * 60_000;
/** Whoever asks, a mailbox gets no more: what is above is quietly not sent, and says nothing to the one who asks. */
const mostMails = 5;

/** For requests that strangers make: by network and address, by network, and all together. */
export async function takeMailPoint(
  limits: RateLimits,
  { network, target }: { network: string; target: string },
): Promise<void> {
  await takePoint(limits.mailByNetwork, network);
  await takePoint(limits.mailByPair, `${network}|${target}`);
  await takePoint(limits.mail, "all");
}

type Asked = {
  accountId: AccountId;
  kinds: readonly MailKind[];
  now: Date;
  /** An hour; for links that live shorter, as long as they live: where one is not sent, the newest one is still good. */
  withinMs?: number;
};

export async function mayMail(
  trx: ShopTransaction,
  { accountId, kinds, now, withinMs = hourMs }: Asked,
): Promise<boolean> {
  const since = new Date(now.getTime() - withinMs);
  return (await countMailsSince(trx, { accountId, kinds, since })) < mostMails;
}
