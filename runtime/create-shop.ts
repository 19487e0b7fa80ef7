import { hashPassword, readPepper } from "../api/auth/password.ts";
import {
  accountPlace,
  accountSubject,
  findAccountLogin,
  insertAccount,
  normaliseEmail,
  platformShopId,
} from "../db/accounts.ts";
import { openShop } from "../db/open-shop.ts";
import { listPlatformRoles } from "../db/system.ts";
import type { ConversationTimings } from "../domain/conversation/timings.ts";
import { newId } from "../domain/id.ts";
import type { AccountId, ShopId } from "../domain/id.ts";
import type { Currency } from "../domain/money.ts";
import type { OrderTimings } from "../domain/order/timings.ts";
import type { Language, ShopPolicies } from "../domain/shop/policies.ts";
import { shopSubject } from "../domain/shop/shop-subject.ts";
import { startOverWhenEpochCloses } from "../domain/start-over.ts";
import type { Core } from "./open-core.ts";
import { UsageError } from "./run-command.ts";

export type ShopToCreate = {
  name: string;
  country: string;
  currency: Currency;
  timeZone: string;
  languages: Language[];
  agentName: string;
  policies: ShopPolicies;
  owner: { email: string; password: string };
  orderTimings?: OrderTimings;
  conversationTimings?: ConversationTimings;
};

/** Makes a shop and its owner's account, or gives the shop to the account that has the address. Needs the API's login. */
export async function createShop(
  core: Making & Pick<Core, "system">,
  wanted: ShopToCreate,
): Promise<{ shopId: ShopId; accountId: AccountId }> {
  const accountId = await ensureAccount(core, { ...wanted.owner, platformRole: null });
  if ((await listPlatformRoles(core.system, accountId)).length > 0)
    throw new UsageError("this account has a role of the platform: it owns no shop");
  const shopId = newId<ShopId>();
  const { owner: _, ...shop } = wanted;
  const subject = { shopId, subjectId: shopSubject(shopId), kind: "shop" } as const;
  await startOverWhenEpochCloses(async () => {
    const keys = await core.sealer.makeKeys([subject]);
    const opening = { shop: { ...shop, id: shopId }, ownerId: accountId, keys, now: core.clock.now() };
    await core.db.withShop(shopId, (trx) => openShop(trx, opening));
  });
  return { shopId, accountId };
}

type NewAccount = { email: string; password: string; platformRole: "admin" | "compliance" | null };
type Making = Pick<Core, "db" | "sealer" | "blindIndexer" | "clock">;

/**
 * The account of an address; it is made when there is none, else its password stays as it is. One that somebody opened
 * and nobody confirmed is refused: it may be a stranger's.
 */
export async function ensureAccount(core: Making, account: NewAccount): Promise<AccountId> {
  const emailIndex = await emailIndexOf(core, account.email);
  const known = await core.db.withoutShop((trx) => findAccountLogin(trx, emailIndex));
  if (known === undefined) return (await makeAccount(core, account)) ?? ensureAccount(core, account);
  if (known.verifiedAt === null)
    throw new UsageError("this address is not confirmed: anybody may have given it");
  return known.id;
}

/** Undefined: the address has an account, which stays as it is. */
export function makeAccount(core: Making, account: NewAccount): Promise<AccountId | undefined> {
  return startOverWhenEpochCloses(() => makeOnce(core, account));
}

async function makeOnce(core: Making, account: NewAccount): Promise<AccountId | undefined> {
  const emailIndex = await emailIndexOf(core, account.email);
  const id = newId<AccountId>();
  const subjectId = accountSubject(id);
  const keys = await core.sealer.makeKeys([{ shopId: platformShopId, subjectId, kind: "account" }]);
  const place = accountPlace(id, "account.email");
  const [email] = await core.sealer.seal([{ place, plaintext: normaliseEmail(account.email) }]);
  if (!email) throw new TypeError("nothing was sealed");
  const passwordHash = await hashPassword(account.password, await readPepper(core.blindIndexer));
  const { platformRole } = account;
  const row = { id, emailIndex, email, passwordHash, platformRole, keys, now: core.clock.now() };
  const isNew = await core.db.withShop(platformShopId, (trx) => insertAccount(trx, row));
  if (isNew) return id;
  core.sealer.forget(subjectId);
  return undefined;
}

function emailIndexOf({ blindIndexer }: Making, email: string): Promise<Buffer> {
  return blindIndexer.index("platform", "account.email", normaliseEmail(email));
}
