import { isTold } from "../domain/account/notice-topics.ts";
import type { NoticeChannel, NoticeChoices } from "../domain/account/notice-topics.ts";
import type { MembershipRole } from "../domain/account/roles.ts";
import type { AccountId, ShopId } from "../domain/id.ts";
import type { NoticeKind } from "../domain/order/notice-texts.ts";
import type { Language } from "../domain/shop/policies.ts";
import type { ShopTransaction } from "./connection.ts";
import { choicesBy } from "./notice-preferences.ts";

/** `accountId`: it is for this account alone. */
type Told = { shopId: ShopId; kind: NoticeKind; accountId?: AccountId };

type Member = {
  accountId: AccountId;
  role: MembershipRole;
  language: Language;
  choices: Record<NoticeChannel, NoticeChoices>;
};

export type Readers = Record<NoticeChannel, Member[]>;

/** Those of the shop who are told, by channel: their role may see it, and they have not switched it off. */
export async function listReaders(trx: ShopTransaction, { shopId, kind, accountId }: Told): Promise<Readers> {
  let query = trx
    .selectFrom("memberships as m")
    .innerJoin("accounts as a", "a.id", "m.account_id")
    .where("m.shop_id", "=", shopId)
    .where("a.suspended_at", "is", null)
    .select(["m.account_id as accountId", "m.role", "a.language"])
    .select([choicesBy("push", "a.id").as("push"), choicesBy("email", "a.id").as("email")])
    .orderBy("m.account_id");
  if (accountId !== undefined) query = query.where("m.account_id", "=", accountId);
  const members = (await query.execute()).map(({ push, email, ...member }) => {
    return { ...member, choices: { push, email } };
  });
  const told = (channel: NoticeChannel) =>
    members.filter(({ role, choices }) => isTold(kind, channel, { role, choices: choices[channel] }));
  return { push: told("push"), email: told("email") };
}
