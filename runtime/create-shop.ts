import { hashPassword, readPepper } from "../api/auth/password.ts";
import { findAccountLogin, insertAccount, normaliseEmail, platformShopId } from "../db/accounts.ts";
import { openShop } from "../db/open-shop.ts";
import type { ConversationTimings } from "../domain/conversation/timings.ts";
import { newId } from "../domain/id.ts";
import type { AccountId, ShopId, SubjectId } from "../domain/id.ts";
import type { Currency } from "../domain/money.ts";
import type { OrderTimings } from "../domain/order/timings.ts";
import type { Language, ShopPolicies } from "../domain/shop/policies.ts";
import { shopSubject } from "../domain/shop/shop-subject.ts";
import type { Core } from "./open-core.ts";

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
  core: Core,
  wanted: ShopToCreate,
): Promise<{ shopId: ShopId; accountId: AccountId }> {
  const accountId = await ensureAccount(core, { ...wanted.owner, platformRole: null });
  const shopId = newId<ShopId>();
  const keys = await core.sealer.makeKeys([{ shopId, subjectId: shopSubject(shopId), kind: "shop" }]);
  const { owner: _, ...shop } = wanted;
  const opening = { shop: { ...shop, id: shopId }, ownerId: accountId, keys };
  await core.db.withShop(shopId, (trx) => openShop(trx, { ...opening, now: core.clock.now() }));
  return { shopId, accountId };
}

/** The account of an address; it is made when there is none, else its password stays as it is. */
export async function ensureAccount(
  core: Core,
  account: { email: string; password: string; platformRole: "admin" | "compliance" | null },
): Promise<AccountId> {
  const email = normaliseEmail(account.email);
  const emailIndex = await core.blindIndexer.index("platform", "account.email", email);
  const known = await core.db.withoutShop((trx) => findAccountLogin(trx, emailIndex));
  if (known) return known.id;
  const id = newId<AccountId>();
  const subjectId = id as string as SubjectId; // an account is a subject under its own id
  const keys = await core.sealer.makeKeys([{ shopId: platformShopId, subjectId, kind: "account" }]);
  const [sealed] = await core.sealer.seal([
    {
      place: {
        shopId: platformShopId,
        subjectId,
        purpose: "account",
        field: "account.email",
        rowId: id,
      },
      plaintext: email,
    },
  ]);
  if (!sealed) throw new TypeError("nothing was sealed");
  const passwordHash = await hashPassword(account.password, await readPepper(core.blindIndexer));
  const isNew = await core.db.withShop(platformShopId, (trx) =>
    insertAccount(trx, {
      id,
      emailIndex,
      email: sealed,
      passwordHash,
      platformRole: account.platformRole,
      keys,
      now: core.clock.now(),
    }),
  );
  if (isNew) return id;
  core.sealer.forget(subjectId);
  return ensureAccount(core, account);
}
