import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";

import { createRateLimits } from "../../api/auth/rate-limits.ts";
import { demandMayInvite } from "../../api/v1/invitation-limits.ts";
import { insertInvitation } from "../../db/invitations.ts";
import { newId } from "../../domain/id.ts";
import type { ShopId } from "../../domain/id.ts";
import type { Sealed } from "../../domain/sealing.ts";
import { eventually } from "../support/eventually.ts";
import { newEmail } from "./account-world.ts";
import { tokenOf } from "./factor-steps.ts";
import { createOwnerWorld } from "./owner-world.ts";
import type { OwnerWorld } from "./owner-world.ts";

let world: OwnerWorld;
beforeAll(async () => {
  world = await createOwnerWorld(createRateLimits(100));
});
afterAll(() => world.close());

async function addShop() {
  const [{ shopId }, owner] = [await world.addShop(), await world.addAccount()];
  await world.addMember(shopId, owner.accountId);
  return { shopId, ownerId: owner.accountId, token: await tokenOf(world, owner) };
}
type Shop = Awaited<ReturnType<typeof addShop>>;

const invite = ({ token }: Shop, email = newEmail()) =>
  world.ask("POST", "/v1/invitations", { token, body: { email, role: "viewer" } });

/** Invitations of the shop to other people, made so long ago. */
async function fill({ shopId, ownerId }: Shop, count: number, ago: string): Promise<void> {
  await world.owner.query(
    `insert into invitations (shop_id, id, token_hash, email_index, email, role, created_by, created_at, expires_at)
      select $1, gen_random_uuid(), uuid_send(gen_random_uuid()), uuid_send(gen_random_uuid()), '', 'viewer', $2,
        now() - $4::interval, now() + interval '3 days'
      from generate_series(1, $3)`,
    [shopId, ownerId, count, ago],
  );
}

const wordsOf = ({ status, body }: Awaited<ReturnType<typeof invite>>) => ({ status, code: body.code });

async function openOf(shopId: ShopId): Promise<number> {
  const { rows } = await world.owner.query(
    "select id from invitations where shop_id = $1 and revoked_at is null and accepted_at is null",
    [shopId],
  );
  return rows.length;
}

test("a shop invites twenty people a day", async () => {
  const shop = await addShop();
  await fill(shop, 19, "1 hour");
  await fill(shop, 5, "25 hours");
  expect((await invite(shop)).status).toBe(201);
  expect(wordsOf(await invite(shop))).toEqual({ status: 429, code: "invitation.too_many_today" });
});

test("of two invitations at once the second counts the first", async () => {
  const shop = await addShop();
  await fill(shop, 19, "1 hour");
  const emailIndex = randomBytes(32);
  let finish: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => {
    finish = resolve;
  });
  let first: Promise<void> = gate;
  await new Promise<void>((isHeld) => {
    first = world.deps.db.withShop(shop.shopId, async (trx) => {
      await demandMayInvite(trx, world.deps.system, { shopId: shop.shopId, emailIndex, now: new Date() });
      const row = { shopId: shop.shopId, id: newId<string>(), tokenHash: randomBytes(32), emailIndex };
      const times = { now: new Date(), expiresAt: new Date(Date.now() + 1_000_000) };
      const email = randomBytes(8) as Sealed;
      await insertInvitation(trx, { ...row, ...times, email, role: "viewer", createdBy: shop.ownerId });
      isHeld();
      await gate;
    });
  });
  let isThrough = false;
  const second = invite(shop).finally(() => {
    isThrough = true;
  });
  await eventually("the second waits for the first, or is through", async () => {
    const { rows } = await world.owner.query("select from pg_locks where not granted");
    return rows.length > 0 || isThrough;
  });
  finish();
  await first;
  expect(wordsOf(await second)).toEqual({ status: 429, code: "invitation.too_many_today" });
});

test("a shop has fifty open invitations at most, which are others' than the one that is sent anew", async () => {
  const shop = await addShop();
  await fill(shop, 49, "2 days");
  const email = newEmail();
  expect((await invite(shop, email)).status).toBe(201);
  expect(wordsOf(await invite(shop))).toEqual({ status: 409, code: "invitation.too_many_open" });
  expect((await invite(shop, email)).status).toBe(201);
  expect(await openOf(shop.shopId)).toBe(50);
});

test("a second invitation to an address voids the first, of this shop alone", async () => {
  const [shop, other] = [await addShop(), await addShop()];
  const person = await world.addAccount();
  const elsewhere = (await invite(other, person.email)).body;
  const first = (await invite(shop, person.email)).body;
  const second = (await invite(shop, person.email.toUpperCase())).body;
  const token = await tokenOf(world, person);
  const statuses = [];
  for (const invitation of [first, second, elsewhere])
    statuses.push(
      (await world.ask("POST", "/v1/invitations/accept", { token, body: { token: invitation.token } }))
        .status,
    );
  expect(statuses).toEqual([404, 201, 201]);
});

test("an address gets five invitations an hour from all shops together", async () => {
  const email = newEmail();
  for (let time = 0; time < 5; time += 1) expect((await invite(await addShop(), email)).status).toBe(201);
  const shop = await addShop();
  expect(wordsOf(await invite(shop, email))).toEqual({ status: 429, code: "invitation.address_full" });
  expect((await invite(shop)).status).toBe(201);
});
