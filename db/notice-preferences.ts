import { sql } from "kysely";

import type { NoticeChannel, NoticeChoices, NoticeTopic } from "../domain/account/notice-topics.ts";
import type { AccountId } from "../domain/id.ts";
import type { ShopTransaction } from "./connection.ts";

export type NoticeChoice = { topic: NoticeTopic; channel: NoticeChannel; isOn: boolean };

/** The rows carry no shop: `db.withoutShop`. Each pair of topic and channel is named once. */
export async function putNoticeChoices(
  trx: ShopTransaction,
  { accountId, choices, now }: { accountId: AccountId; choices: readonly NoticeChoice[]; now: Date },
): Promise<void> {
  await trx
    .insertInto("notice_preferences")
    .values(
      choices.map(({ topic, channel, isOn }) => {
        return { account_id: accountId, topic, channel, is_on: isOn, changed_at: now };
      }),
    )
    .onConflict((conflict) =>
      conflict
        .columns(["account_id", "topic", "channel"])
        .doUpdateSet((eb) => ({ is_on: eb.ref("excluded.is_on"), changed_at: now })),
    )
    .execute();
}

/** What the account chose, by channel. */
export async function readNoticeChoices(
  trx: ShopTransaction,
  accountId: AccountId,
): Promise<Record<NoticeChannel, NoticeChoices>> {
  const { push, email } = await trx
    .selectFrom("accounts")
    .where("id", "=", accountId)
    .select([choicesBy("push", "accounts.id").as("push"), choicesBy("email", "accounts.id").as("email")])
    .executeTakeFirstOrThrow();
  return { push, email };
}

/** A column of a row that names an account: its choices for one channel. */
export function choicesBy(channel: NoticeChannel, account: string) {
  return sql<NoticeChoices>`coalesce((select jsonb_object_agg(p.topic, p.is_on) from notice_preferences p
    where p.account_id = ${sql.ref(account)} and p.channel = ${channel}), '{}')`;
}
