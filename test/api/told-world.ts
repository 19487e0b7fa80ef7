import { sendPushes } from "../../activities/upkeep/send-pushes.ts";
import type { UpkeepDeps } from "../../activities/upkeep/upkeep-deps.ts";
import { insertNotice } from "../../db/owner-notices.ts";
import type { NewNotice } from "../../db/owner-notices.ts";
import type { MailData } from "../../domain/account/mail-texts.ts";
import type { MembershipRole } from "../../domain/account/roles.ts";
import { newId } from "../../domain/id.ts";
import type { AccountId, NoticeId, ShopId } from "../../domain/id.ts";
import type { NoticeKind } from "../../domain/order/notice-texts.ts";
import type { TestAccount } from "./api-world.ts";
import { tokenOf } from "./factor-steps.ts";
import type { OwnerWorld } from "./owner-world.ts";

export type Told = TestAccount & { token: string; role: MembershipRole };

/** Somebody of a shop, signed in. */
export async function addPerson(world: OwnerWorld, shopId: ShopId, role: MembershipRole): Promise<Told> {
  const account = await world.addAccount();
  await world.addMember(shopId, account.accountId, role);
  return { ...account, role, token: await tokenOf(world, account) };
}

/** Another device of theirs; answers what pushes to it are addressed to. */
export async function addDevice(world: OwnerWorld, { token }: Pick<Told, "token">): Promise<string> {
  const fcmToken = `fcm-${newId<string>()}`;
  await world.ask("POST", "/v1/devices", { token, body: { token: fcmToken } });
  return fcmToken;
}

/** Writes a notice as an activity does. */
export function tell(
  world: OwnerWorld,
  shopId: ShopId,
  { kind = "order_placed", ...more }: Partial<NewNotice> & { kind?: NoticeKind } = {},
): Promise<boolean> {
  const notice = { shopId, id: newId<NoticeId>(), kind, businessKey: newId<string>(), data: {}, ...more };
  return world.worker.withShop(shopId, (trx) => insertNotice(trx, { ...notice, now: new Date() }));
}

/** Sends what is due; the devices that it went to, in order. */
export async function pushed(world: OwnerWorld): Promise<string[]> {
  const devices: string[] = [];
  const push = {
    sendPush: ({ deviceToken }: { deviceToken: string }) => {
      devices.push(deviceToken);
      return Promise.resolve({ outcome: "sent" as const });
    },
  };
  await sendPushes({ ...world.deps, db: world.worker, push } as unknown as UpkeepDeps); // what it reaches of it
  return devices.toSorted();
}

/** The notices that the account was mailed of, oldest first. */
export async function noticesMailed(world: OwnerWorld, accountId: AccountId): Promise<MailData["notice"][]> {
  const { rows } = await world.owner.query<{ data: MailData }>(
    "select data from mails where account_id = $1 and kind = 'owner_notice' order by created_at, id",
    [accountId],
  );
  return rows.map(({ data }) => data.notice);
}

type Choice = { topic: string; channel: string; isOn: boolean };

export function choose(world: OwnerWorld, { token }: Pick<Told, "token">, ...choices: Choice[]) {
  return world.ask("PATCH", "/v1/notice-preferences", { token, body: { choices } });
}
