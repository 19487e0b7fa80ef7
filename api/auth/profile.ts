import {
  findAccountProfile,
  accountProfilePlace,
  normaliseUsername,
  setAccountProfile,
} from "../../db/accounts.ts";
import type { AccountId } from "../../domain/id.ts";
import type { BlindIndexer } from "../../domain/sealing.ts";
import type { ApiDeps } from "../deps.ts";

export type Profile = { username: string | null; name: string | null; phone: string | null };

/** Our own JSON, sealed by `writeProfile`. */
export function readProfile(text: string | undefined): Profile {
  const none: Profile = { username: null, name: null, phone: null };
  return text === undefined ? none : { ...none, ...(JSON.parse(text) as Profile) };
}

export async function findProfile(deps: ApiDeps, accountId: AccountId): Promise<Profile> {
  const sealed = await deps.db.withoutShop((trx) => findAccountProfile(trx, accountId));
  if (sealed === null) return readProfile(undefined);
  const [text] = await deps.sealer.open([{ place: accountProfilePlace(accountId), sealed }]);
  return readProfile(text?.toString("utf8"));
}

export async function writeProfile(deps: ApiDeps, accountId: AccountId, profile: Profile): Promise<void> {
  const { username } = profile;
  const usernameIndex = username === null ? null : await usernameIndexOf(deps.blindIndexer, username);
  const place = accountProfilePlace(accountId);
  const [sealed] = await deps.sealer.seal([{ place, plaintext: JSON.stringify(profile) }]);
  if (sealed === undefined) throw new TypeError("nothing was sealed");
  await deps.db.withoutShop((trx) => setAccountProfile(trx, { accountId, usernameIndex, profile: sealed }));
}

export function usernameIndexOf(blindIndexer: BlindIndexer, username: string): Promise<Buffer> {
  return blindIndexer.index("platform", "account.username", normaliseUsername(username));
}
