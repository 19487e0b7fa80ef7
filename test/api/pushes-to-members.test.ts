import { afterAll, beforeAll, expect, test } from "vitest";

import { createRateLimits } from "../../api/auth/rate-limits.ts";
import type { MembershipRole } from "../../domain/account/roles.ts";
import { toTypeId } from "../../domain/id.ts";
import type { AccountId } from "../../domain/id.ts";
import { createOwnerWorld } from "./owner-world.ts";
import type { OwnerWorld } from "./owner-world.ts";
import { addDevice, addPerson, pushed, tell } from "./told-world.ts";

let world: OwnerWorld;
beforeAll(async () => {
  world = await createOwnerWorld(createRateLimits(100));
});
afterAll(() => world.close());

/** Owner and manager of a shop, each with a device. */
async function addTeam() {
  const { shopId } = await world.addShop();
  const add = async (role: MembershipRole) => {
    const person = await addPerson(world, shopId, role);
    return { ...person, fcmToken: await addDevice(world, person) };
  };
  const [owner, manager] = [await add("owner"), await add("manager")];
  const setRole = (role: MembershipRole) =>
    world.ask("PATCH", `/v1/members/${toTypeId("acc", manager.accountId)}`, {
      token: owner.token,
      body: { role },
    });
  return { shopId, owner, manager, setRole };
}

const suspend = (accountId: AccountId) =>
  world.owner.query("update accounts set suspended_at = now() where id = $1", [accountId]);

test("a push goes to each member's device, and no more to one that may read no notices", async () => {
  const { shopId, owner, manager, setRole } = await addTeam();
  await tell(world, shopId);
  expect(await pushed(world)).toEqual([owner.fcmToken, manager.fcmToken].toSorted());
  await setRole("order_agent");
  await tell(world, shopId);
  expect(await pushed(world)).toHaveLength(2);
  await setRole("catalogue");
  // Whoever may read them again says so on the device again.
  await setRole("manager");
  await tell(world, shopId);
  expect(await pushed(world)).toEqual([owner.fcmToken]);
});

test("no push is queued for a suspended account, nor for one that is in the shop no more", async () => {
  const [suspended, gone] = [await addTeam(), await addTeam()];
  await suspend(suspended.manager.accountId);
  await world.owner.query("delete from memberships where account_id = $1", [gone.manager.accountId]);
  for (const { shopId } of [suspended, gone]) await tell(world, shopId);
  const { rows } = await world.owner.query<{ account_id: AccountId }>(
    `select d.account_id from push_parts p join devices d on d.shop_id = p.shop_id and d.id = p.device_id
      where p.shop_id = any ($1)`,
    [[suspended.shopId, gone.shopId]],
  );
  expect(rows.map((row) => row.account_id).toSorted()).toEqual(
    [suspended.owner.accountId, gone.owner.accountId].toSorted(),
  );
  await pushed(world);
});

test("what was queued before a suspension or a demotion is not sent any more", async () => {
  const [suspended, demoted] = [await addTeam(), await addTeam()];
  for (const { shopId } of [suspended, demoted]) await tell(world, shopId);
  await suspend(suspended.manager.accountId);
  await demoted.setRole("viewer");
  expect(await pushed(world)).toEqual([suspended.owner.fcmToken, demoted.owner.fcmToken].toSorted());
  expect(await pushed(world)).toEqual([]);
});
