import type { Context } from "hono";

import type { ShopTransaction } from "../../db/connection.ts";
import type { AccountId } from "../../domain/id.ts";
import { readBrowser } from "../auth/browser-cookie.ts";
import { browserIndexOf, noteBrowser } from "../auth/note-browser.ts";
import { noteEmail, readStemIndex } from "../auth/note-email.ts";
import type { ApiEnv } from "../env.ts";

/** Blind indexes of what two accounts of one person would share. */
export type ReferralSigns = { browserIndex: Buffer | undefined; stemIndex: Buffer | undefined };

/** Before the transaction that keeps them. */
export async function readSigns(c: Context<ApiEnv>, accountId: AccountId): Promise<ReferralSigns> {
  const { deps } = c.var;
  const browser = readBrowser(c);
  return {
    browserIndex: browser === undefined ? undefined : await browserIndexOf(deps.blindIndexer, browser),
    stemIndex: await readStemIndex(deps, accountId),
  };
}

/** Of who has a place in the tree by now, and of nobody else. Safe to run twice. */
export async function noteSigns(
  trx: ShopTransaction,
  { accountId, signs, now }: { accountId: AccountId; signs: ReferralSigns; now: Date },
): Promise<void> {
  const { browserIndex, stemIndex } = signs;
  if (browserIndex !== undefined) await noteBrowser(trx, { accountId, browserIndex, now });
  if (stemIndex !== undefined) await noteEmail(trx, { accountId, stemIndex, now });
}
