import type { Account } from "../db/accounts.ts";
import { listMemberships } from "../db/system.ts";
import type { Core } from "./open-core.ts";

/** Why the account cannot be given a role of the platform; undefined: it can. */
export async function whyNoRole(
  { system }: Pick<Core, "system">,
  { id, verifiedAt }: Pick<Account, "id" | "verifiedAt">,
): Promise<string | undefined> {
  if (verifiedAt === null) return "this address is not confirmed: anybody may have given it";
  const isInShop = (await listMemberships(system, id)).length > 0;
  return isInShop ? "this account works in a shop: who decides about shops is in none" : undefined;
}
