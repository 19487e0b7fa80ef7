import { afterAll, beforeAll, expect, test } from "vitest";

import { sendPushes } from "../../activities/upkeep/send-pushes.ts";
import type { UpkeepDeps } from "../../activities/upkeep/upkeep-deps.ts";
import { createRateLimits } from "../../api/auth/rate-limits.ts";
import { insertNotice } from "../../db/owner-notices.ts";
import type { MembershipRole } from "../../domain/account/roles.ts";
import { newId, toTypeId } from "../../domain/id.ts";
import type { AccountId, NoticeId, ShopId } from "../../domain/id.ts";
import { tokenOf } from "./factor-steps.ts";
import { createOwnerWorld } from "./owner-world.ts";
import type { OwnerWorld } from "./owner-world.ts";

let world: OwnerWorld;
beforeAll(async () => {
  world = await createOwnerWorld(createRateLimits(100));
});
afterAll(() => world.close());

/** Owner and manager of a shop, each with a device. */
async function addTeam() {
  const { shopId } = await world.addShop();
  const people = [];
  for (const role of ["owner", "manager"] as const) {
    const account = await world.addAccount();
    await world.addMember(shopId, account.accountId, role);
    const token = await tokenOf(world, account);
    const fcmToken = `fcm-token-${account.accountId}`;
    await world.ask("POST", "/v1/devices", { token, body: { token: fcmToken } });
    people.push({ accountId: account.accountId, token, fcmToken });
  }
  const [owner, manager] = people;
  if (owner === undefined || manager === undefined) throw new Error("nobody was added");
  const setRole = (role: MembershipRole) =>
    world.ask("PATCH", `/v1/members/${toTypeId("acc", manager.accountId)}`, {
      token: owner.token,
      body: { role },
    });
  return { shopId, owner, manager, setRole };
}

const suspend = (accountId: AccountId) =>
  world.owner.query("update accounts set suspended_at = now() where id = $1", [accountId]);

const tell = (shopId: ShopId) =>
  world.worker.withShop(shopId, (trx) => {
    const notice = { shopId, id: newId<NoticeId>(), kind: "order_placed" as const };
    return insertNotice(trx, { ...notice, businessKey: newId<string>(), data: {}, now: new Date() });
  });

/** The devices that pushes went to. */
async function pushed(): Promise<string[]> {
  const devices: string[] = [];
  const push = {
    sendPush: ({ deviceToken }: { deviceToken: string }) => {
      devices.push(deviceToken);
      return Promise.resolve({ outcome: "sent" as const });
    },
  };
  await sendPushes({ ...world.deps, db: world.worker, push } as unknown as UpkeepDeps); // what it reaches of it
  return devices;
}

test("a push goes to each member's device, and no more to one that may read no notices", async () => {
  const { shopId, owner, manager, setRole } = await addTeam();
  await tell(shopId);
  expect((await pushed()).toSorted()).toEqual([owner.fcmToken, manager.fcmToken].toSorted());
  await setRole("order_agent");
  await tell(shopId);
  expect(await pushed()).toHaveLength(2);
  await setRole("catalogue");
  // Whoever may read them again says so on the device again.
  await setRole("manager");
  await tell(shopId);
  expect(await pushed()).toEqual([owner.fcmToken]);
});

test("no push is queued for a suspended account, nor for one that is in the shop no more", async () => {
  const [suspended, gone] = [await addTeam(), await addTeam()];
  await suspend(suspended.manager.accountId);
  await world.owner.query("delete from memberships where account_id = $1", [gone.manager.accountId]);
  for (const { shopId } of [suspended, gone]) await tell(shopId);
  const { rows } = await world.owner.query<{ account_id: AccountId }>(
    `select d.account_id from push_parts p join devices d on d.shop_id = p.shop_id and d.id = p.device_id
      where p.shop_id = any ($1)`,
    [[suspended.shopId, gone.shopId]],
  );
  expect(rows.map((row) => row.account_id).toSorted()).toEqual(
    [suspended.owner.accountId, gone.owner.accountId].toSorted(),
  );
  await pushed();
});

test("what was queued before a suspension or a demotion is not sent any more", async () => {
  const [suspended, demoted] = [await addTeam(), await addTeam()];
  for (const { shopId } of [suspended, demoted]) await tell(shopId);
  await suspend(suspended.manager.accountId);
  await demoted.setRole("viewer");
  expect((await pushed()).toSorted()).toEqual([suspended.owner.fcmToken, demoted.owner.fcmToken].toSorted());
  expect(await pushed()).toEqual([]);
});
