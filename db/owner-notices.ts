import { sql } from "kysely";
import type { Selectable } from "kysely";

import { isTold } from "../domain/account/notice-topics.ts";
import type { AccountId, CustomerId, NoticeId, OrderId, ShopId } from "../domain/id.ts";
import type { NoticeData, NoticeKind } from "../domain/order/notice-texts.ts";
import type { ShopTransaction } from "./connection.ts";
import { mailNotice } from "./mail-notice.ts";
import { choicesBy } from "./notice-preferences.ts";
import { listReaders } from "./notice-readers.ts";
import type { Readers } from "./notice-readers.ts";
import type { DevicesTable, PushPartsTable } from "./schema/operations.ts";

export type NewNotice = {
  shopId: ShopId;
  id: NoticeId;
  kind: NoticeKind;
  /** One notice, and one push a device, however often it is asked for. */
  businessKey: string;
  orderId?: OrderId;
  customerId?: CustomerId;
  /** It is for this account alone, which is a member. */
  accountId?: AccountId;
  data: NoticeData;
  now: Date;
};

/** Queues a notice, and a push or a mail to each who is told of it. False: it was queued before. */
export async function insertNotice(trx: ShopTransaction, notice: NewNotice): Promise<boolean> {
  const row = await trx
    .insertInto("owner_notices")
    .values({
      shop_id: notice.shopId,
      id: notice.id,
      kind: notice.kind,
      business_key: notice.businessKey,
      order_id: notice.orderId ?? null,
      customer_id: notice.customerId ?? null,
      account_id: notice.accountId ?? null,
      data: JSON.stringify(notice.data),
      created_at: notice.now,
    })
    .onConflict((conflict) => conflict.columns(["shop_id", "business_key"]).doNothing())
    .returning("id")
    .executeTakeFirst();
  if (!row) return false;
  const readers = await listReaders(trx, notice);
  await queuePushes(trx, notice, readers.push);
  await mailNotice(trx, notice, readers.email);
  return true;
}

/** One to each device of theirs that is in use. */
async function queuePushes(
  trx: ShopTransaction,
  { shopId, id, now }: NewNotice,
  readers: Readers["push"],
): Promise<void> {
  if (readers.length === 0) return;
  const accountIds = readers.map(({ accountId }) => accountId);
  await trx
    .insertInto("push_parts")
    .columns(["shop_id", "notice_id", "device_id", "state", "next_attempt_at"])
    .expression((eb) =>
      eb
        .selectFrom("devices")
        .select([
          "shop_id",
          sql<NoticeId>`${id}::uuid`.as("notice_id"),
          "id",
          sql<"queued">`'queued'`.as("state"),
          sql<Date>`${now}::timestamptz`.as("next_attempt_at"),
        ])
        .where("shop_id", "=", shopId)
        .where("account_id", "in", accountIds)
        .where("gone_at", "is", null),
    )
    .execute();
}

export type DuePush = Selectable<PushPartsTable> & {
  kind: NoticeKind;
  data: NoticeData;
  order_id: OrderId | null;
  token: Selectable<DevicesTable>["token"];
  /** False: whoever had the device was removed, suspended or demoted after it was queued, or switched it off. */
  hasReader: boolean;
};

/** Takes the pushes that are due; one that a dead worker left `sending` is taken again: FCM collapses it by notice. */
export async function claimDuePushes(
  trx: ShopTransaction,
  { shopId, now, leaseUntil, limit }: { shopId: ShopId; now: Date; leaseUntil: Date; limit: number },
): Promise<DuePush[]> {
  const due = await trx
    .selectFrom("push_parts")
    .select(["notice_id", "device_id"])
    .where("shop_id", "=", shopId)
    .where("state", "in", ["queued", "sending"])
    .where("next_attempt_at", "<=", now)
    .orderBy("next_attempt_at")
    .limit(limit)
    .forUpdate()
    .skipLocked()
    .execute();
  if (due.length === 0) return [];
  await trx
    .updateTable("push_parts")
    .set((eb) => ({ state: "sending", attempts: eb("attempts", "+", 1), next_attempt_at: leaseUntil }))
    .where("shop_id", "=", shopId)
    .where((eb) => eb.or(due.map((part) => eb.and({ notice_id: part.notice_id, device_id: part.device_id }))))
    .execute();
  const rows = await trx
    .selectFrom("push_parts")
    .innerJoin("owner_notices", (join) =>
      join
        .onRef("owner_notices.shop_id", "=", "push_parts.shop_id")
        .onRef("owner_notices.id", "=", "push_parts.notice_id"),
    )
    .innerJoin("devices", (join) =>
      join
        .onRef("devices.shop_id", "=", "push_parts.shop_id")
        .onRef("devices.id", "=", "push_parts.device_id"),
    )
    .leftJoin(
      (eb) =>
        eb
          .selectFrom("memberships as m")
          .innerJoin("accounts as a", "a.id", "m.account_id")
          .where("m.shop_id", "=", shopId)
          .where("a.suspended_at", "is", null)
          .select(["m.account_id", "m.role"])
          .as("reader"),
      (join) => join.onRef("reader.account_id", "=", "devices.account_id").on(isForDevice),
    )
    .selectAll("push_parts")
    .select(["owner_notices.kind", "owner_notices.data", "owner_notices.order_id", "devices.token"])
    .select(["reader.role", choicesBy("push", "devices.account_id").as("choices")])
    .where("push_parts.shop_id", "=", shopId)
    .where((eb) =>
      eb.or(
        due.map((part) =>
          eb.and([
            eb("push_parts.notice_id", "=", part.notice_id),
            eb("push_parts.device_id", "=", part.device_id),
          ]),
        ),
      ),
    )
    .execute();
  return rows.map(({ role, choices, ...push }) => {
    return { ...push, hasReader: role !== null && isTold(push.kind, "push", { role, choices }) };
  });
}

/** A device that changed hands gets nothing that was for one account alone. */
const isForDevice = sql<boolean>`(owner_notices.account_id is null
  or owner_notices.account_id = devices.account_id) and devices.gone_at is null`;

export async function settlePush(
  trx: ShopTransaction,
  part: {
    shopId: ShopId;
    noticeId: NoticeId;
    deviceId: string;
    state: "queued" | "sent" | "failed" | "gone";
    nextAttemptAt: Date;
    errorCode: string | null;
    now: Date;
  },
): Promise<void> {
  await trx
    .updateTable("push_parts")
    .set({
      state: part.state,
      next_attempt_at: part.nextAttemptAt,
      error_code: part.errorCode,
      ...(part.state === "sent" ? { sent_at: part.now } : {}),
    })
    .where("shop_id", "=", part.shopId)
    .where("notice_id", "=", part.noticeId)
    .where("device_id", "=", part.deviceId)
    .where("state", "=", "sending")
    .execute();
  if (part.state !== "gone") return;
  await trx
    .updateTable("devices")
    .set({ gone_at: part.now })
    .where("shop_id", "=", part.shopId)
    .where("id", "=", part.deviceId)
    .execute();
}
