import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { createRateLimits } from "../../api/auth/rate-limits.ts";
import type { ShopTransaction } from "../../db/connection.ts";
import { removeMember } from "../../db/memberships.ts";
import type { MembershipRole } from "../../domain/account/roles.ts";
import { keyScopes } from "../../domain/account/scopes.ts";
import { toTypeId } from "../../domain/id.ts";
import { eventually } from "../support/eventually.ts";
import type { TestAccount } from "./api-world.ts";
import { signIn, tokenOf } from "./factor-steps.ts";
import { createOwnerWorld } from "./owner-world.ts";
import type { OwnerWorld } from "./owner-world.ts";

const day = 24 * 60 * 60_000;

let world: OwnerWorld;
beforeAll(async () => {
  world = await createOwnerWorld(createRateLimits());
});
afterAll(() => world.close());

/** A shop with its one owner. */
async function addShop() {
  const [shop, owner] = [await world.addShop(), await addPerson()];
  await world.addMember(shop.shopId, owner.accountId);
  return { ...shop, owner };
}

async function addPerson() {
  const account = await world.addAccount();
  return { ...account, token: await tokenOf(world, account), id: toTypeId("acc", account.accountId) };
}

async function addMember(shop: Awaited<ReturnType<typeof addShop>>, role: MembershipRole) {
  const person = await addPerson();
  await world.addMember(shop.shopId, person.accountId, role);
  return person;
}

const setRole = (token: string, id: string, role: MembershipRole) =>
  world.ask("PATCH", `/v1/members/${id}`, { token, body: { role } });
const remove = (token: string, id: string) => world.ask("DELETE", `/v1/members/${id}`, { token });

describe("a member", () => {
  test("has another role from the moment that it is set, and none once removed", async () => {
    const shop = await addShop();
    const person = await addMember(shop, "viewer");
    const create = () =>
      world.ask("POST", "/v1/products", { token: person.token, body: { name: "P", variants: [{ price }] } });
    const price = { amountMinor: 1, currency: "MMK" };
    expect((await create()).status).toBe(403);
    expect((await setRole(shop.owner.token, person.id, "catalogue")).body).toEqual({
      accountId: person.id,
      role: "catalogue",
    });
    expect((await create()).status).toBe(201);
    expect((await remove(shop.owner.token, person.id)).status).toBe(204);
    expect((await create()).body.code).toBe("shop.none");
    expect((await remove(shop.owner.token, person.id)).status).toBe(404);
    expect(await world.auditOf(shop.shopId)).toEqual([
      "member.role_set",
      "product.created",
      "member.removed",
    ]);
  });

  test("that is removed gets no push any more", async () => {
    const shop = await addShop();
    const person = await addMember(shop, "manager");
    await world.ask("POST", "/v1/devices", { token: person.token, body: { token: "fcm-token-1" } });
    await remove(shop.owner.token, person.id);
    const { rows } = await world.owner.query("select gone_at from devices where account_id = $1", [
      person.accountId,
    ]);
    expect(rows).toEqual([{ gone_at: expect.any(Date) }]);
  });
});

describe("the last owner", () => {
  test("is neither removed nor made something else", async () => {
    const { owner } = await addShop();
    for (const answer of [
      await remove(owner.token, owner.id),
      await setRole(owner.token, owner.id, "manager"),
    ])
      expect([answer.status, answer.body.code]).toEqual([409, "member.last_owner"]);
    expect((await setRole(owner.token, owner.id, "owner")).status).toBe(200);
  });

  test("remains when two owners are removed at once", async () => {
    const shop = await addShop();
    const second = await addMember(shop, "owner");
    const { shopId } = shop;
    const removeIn = (trx: ShopTransaction, { accountId }: TestAccount) =>
      removeMember(trx, { shopId, accountId });
    let finish: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      finish = resolve;
    });
    let one: Promise<unknown> = gate;
    await new Promise<void>((isHeld) => {
      one = world.deps.db.withShop(shopId, async (trx) => {
        const change = await removeIn(trx, shop.owner);
        isHeld();
        await gate;
        return change;
      });
    });
    let isThrough = false;
    const other = world.deps.db.withShop(shopId, async (trx) => {
      const change = await removeIn(trx, second);
      isThrough = true;
      return change;
    });
    await eventually("the second waits for the first, or is through", async () => {
      const { rows } = await world.owner.query("select from pg_locks where not granted");
      return rows.length > 0 || isThrough;
    });
    finish();
    expect(await Promise.all([one, other])).toEqual(["done", "last_owner"]);
  });
});

describe("an invitation", () => {
  async function invite(shop: Awaited<ReturnType<typeof addShop>>, person: TestAccount) {
    const body = { email: ` ${person.email.toUpperCase()}`.trim(), role: "finance" };
    return (await world.ask("POST", "/v1/invitations", { token: shop.owner.token, body })).body;
  }
  const accept = (token: string, invitation: { token: string }) =>
    world.ask("POST", "/v1/invitations/accept", { token, body: { token: invitation.token } });

  test("makes the account with its address a member, once", async () => {
    const [shop, person] = [await addShop(), await addPerson()];
    const invitation = await invite(shop, person);
    const taken = await accept(person.token, invitation);
    expect([taken.status, taken.body]).toEqual([
      201,
      { shopId: toTypeId("shop", shop.shopId), role: "finance" },
    ]);
    expect((await world.ask("GET", "/v1/payments", { token: person.token })).status).toBe(200);
    expect((await accept(person.token, invitation)).status).toBe(404);
    const { body } = await world.ask("GET", "/v1/members", { token: shop.owner.token });
    expect(body.data).toMatchObject([{ role: "owner" }, { role: "finance", email: person.email }]);
  });

  test("is nothing to another address, after seven days, or taken back", async () => {
    const [shop, person, thief] = [await addShop(), await addPerson(), await addPerson()];
    const stolen = await invite(shop, person);
    expect((await accept(thief.token, stolen)).body.code).toBe("invitation.not_found");
    expect(
      (await world.ask("DELETE", `/v1/invitations/${stolen.id}`, { token: shop.owner.token })).status,
    ).toBe(204);
    expect((await accept(person.token, stolen)).body.code).toBe("invitation.not_found");
    const late = await invite(shop, person);
    const listed = await world.ask("GET", "/v1/invitations", { token: shop.owner.token });
    expect(listed.body.data).toMatchObject([{ id: late.id, email: person.email, role: "finance" }]);
    world.passTime(7 * day - 1_000);
    const still = await tokenOf(world, person);
    world.passTime(1_000);
    expect((await accept(still, late)).body.code).toBe("invitation.not_found");
  });

  test.each(["removed", "made something else"])("ends when who made it is %s", async (what) => {
    const [shop, person] = [await addShop(), await addPerson()];
    const maker = await addMember(shop, "owner");
    const invitation = await invite({ ...shop, owner: maker }, person);
    if (what === "removed") await remove(shop.owner.token, maker.id);
    else await setRole(shop.owner.token, maker.id, "manager");
    await world.addMember(shop.shopId, maker.accountId);
    expect((await accept(person.token, invitation)).body.code).toBe("invitation.not_found");
  });

  test.each([
    ["owns the shop no more", "update memberships set role = 'manager' where account_id = $1"],
    ["is suspended", "update accounts set suspended_at = now() where id = $1"],
  ])("is nothing while who made it %s", async (_what, change) => {
    const [shop, person] = [await addShop(), await addPerson()];
    const invitation = await invite(shop, person);
    await world.owner.query(change, [shop.owner.accountId]);
    expect((await accept(person.token, invitation)).body.code).toBe("invitation.not_found");
  });

  test("is refused to an account of the platform, and is still there for a shop's", async () => {
    const [shop, person] = [await addShop(), await addPerson()];
    const invitation = await invite(shop, person);
    await world.giveRole(person.accountId, "payout_admin");
    const refused = await accept(person.token, invitation);
    expect([refused.status, refused.body.code]).toEqual([403, "shop.platform_account"]);
    await world.owner.query("delete from platform_roles where account_id = $1", [person.accountId]);
    expect((await accept(person.token, invitation)).status).toBe(201);
  });

  test("keeps the role of whoever is a member already", async () => {
    const shop = await addShop();
    const invitation = await invite(shop, shop.owner);
    expect((await accept(shop.owner.token, invitation)).body.code).toBe("member.exists");
    expect((await setRole(shop.owner.token, shop.owner.id, "manager")).body.code).toBe("member.last_owner");
  });

  test("keeps the address sealed and the token hashed", async () => {
    const [shop, person] = [await addShop(), await addPerson()];
    const { token } = await invite(shop, person);
    const { rows } = await world.owner.query(
      "select i::text as row, email from invitations i where shop_id = $1",
      [shop.shopId],
    );
    const stored = `${rows[0].row} ${rows[0].email.toString("latin1")}`;
    expect(stored).not.toContain(person.email);
    expect(stored).not.toContain(token);
  });
});

describe("M:OCHAT-07 M:MMSO-49 a member of staff", () => {
  const profile = { username: "Thiri.Shwe", name: "Daw Thiri Shwe", phone: "+959777000123" };

  test("signs in by username as by address, and is listed with name, telephone and address", async () => {
    const shop = await addShop();
    const person = await addMember(shop, "staff");
    const username = `${profile.username}.${person.accountId.slice(-6)}`;
    const body = { ...profile, username };
    const put = await world.ask("PUT", "/v1/profile", { token: person.token, body });
    expect([put.status, put.body]).toEqual([200, body]);
    const { password } = person;
    expect((await signIn(world, { email: username.toUpperCase(), password })).status).toBe(201);
    expect((await signIn(world, { email: username, password: "wrong" })).body.code).toBe("session.refused");
    const { body: members } = await world.ask("GET", "/v1/members", { token: shop.owner.token });
    expect(members.data[1]).toMatchObject({ ...body, email: person.email, role: "staff" });
    const { rows } = await world.owner.query("select a::text as row, profile from accounts a where id = $1", [
      person.accountId,
    ]);
    const stored = `${rows[0].row} ${rows[0].profile.toString("latin1")}`;
    expect(stored).not.toMatch(/Thiri|777000123/i);
  });

  test("cannot have somebody else's username", async () => {
    const [first, second] = [
      await addMember(await addShop(), "staff"),
      await addMember(await addShop(), "staff"),
    ];
    const put = (token: string, username: string) =>
      world.ask("PUT", "/v1/profile", { token, body: { ...profile, username } });
    expect((await put(first.token, "aung-kyaw")).status).toBe(200);
    expect((await put(second.token, "AUNG-KYAW")).body.code).toBe("account.username_taken");
    expect((await put(second.token, "a@b")).status).toBe(422);
  });
});

describe("an API key", () => {
  async function createKey(token: string, body: object = {}) {
    return world.ask("POST", "/v1/api-keys", {
      token,
      body: { name: "Till", scopes: ["orders.read"], ...body },
    });
  }

  test("may what it was given, is shown once, and is changed for a new one without a gap", async () => {
    const { owner } = await addShop();
    const old = (await createKey(owner.token)).body;
    const ask = async (token: string, path: string) => (await world.ask("GET", path, { token })).status;
    expect([await ask(old.token, "/v1/orders"), await ask(old.token, "/v1/products")]).toEqual([200, 403]);
    const fresh = (await createKey(owner.token)).body;
    expect([await ask(old.token, "/v1/orders"), await ask(fresh.token, "/v1/orders")]).toEqual([200, 200]);
    expect((await world.ask("DELETE", `/v1/api-keys/${old.id}`, { token: owner.token })).status).toBe(204);
    expect([await ask(old.token, "/v1/orders"), await ask(fresh.token, "/v1/orders")]).toEqual([401, 200]);
    const { body } = await world.ask("GET", "/v1/api-keys", { token: owner.token });
    expect(body.data).toMatchObject([{ id: fresh.id, name: "Till", scopes: ["orders.read"] }]);
    expect(body.data[0].lastUsedAt).not.toBeNull();
    expect(JSON.stringify(body)).not.toContain(fresh.token);
  });

  test("M:MIKY-68 that leaked with a session: the owner sees, ends all others, and changes the key", async () => {
    const { owner } = await addShop();
    const stolen = { session: await tokenOf(world, owner), key: (await createKey(owner.token)).body };
    const as = { token: owner.token };
    expect((await world.ask("GET", "/v1/sessions", as)).body.data).toHaveLength(2);
    await world.ask("POST", "/v1/sessions/revoke-others", as);
    const fresh = (await createKey(owner.token)).body;
    await world.ask("DELETE", `/v1/api-keys/${stolen.key.id}`, as);
    const statuses = [];
    for (const token of [stolen.session, stolen.key.token, owner.token, fresh.token])
      statuses.push((await world.ask("GET", "/v1/orders", { token })).status);
    expect(statuses).toEqual([401, 401, 200, 200]);
  });

  test.each(["removed", "made something else"])("ends when its maker is %s", async (what) => {
    const shop = await addShop();
    const maker = await addMember(shop, "owner");
    const [key, other] = [(await createKey(maker.token)).body, (await createKey(shop.owner.token)).body];
    if (what === "removed") await remove(shop.owner.token, maker.id);
    else await setRole(shop.owner.token, maker.id, "manager");
    // Whoever comes back as an owner finds the key ended.
    await world.addMember(shop.shopId, maker.accountId);
    const ask = async (token: string) => (await world.ask("GET", "/v1/orders", { token })).status;
    expect([await ask(key.token), await ask(other.token)]).toEqual([401, 200]);
  });

  test.each([
    ["owns the shop no more", "update memberships set role = 'manager' where account_id = $1"],
    ["is suspended", "update accounts set suspended_at = now() where id = $1"],
  ])("is refused while its maker %s, one of a command is not", async (_what, change) => {
    const shop = await addShop();
    const { token } = (await createKey(shop.owner.token)).body;
    const ofCommand = await world.addApiKey(shop.shopId);
    await world.owner.query(change, [shop.owner.accountId]);
    const ask = async (key: string) => (await world.ask("GET", "/v1/orders", { token: key })).status;
    expect([await ask(token), await ask(ofCommand)]).toEqual([401, 200]);
  });

  test("ends on its day", async () => {
    const shop = await addShop();
    const { token } = (await createKey(shop.owner.token, { expiresInDays: 1 })).body;
    world.passTime(day - 1_000);
    expect((await world.ask("GET", "/v1/orders", { token })).status).toBe(200);
    world.passTime(1_000);
    expect((await world.ask("GET", "/v1/orders", { token })).status).toBe(401);
  });

  test("never makes keys or members, whatever is asked for it", async () => {
    const { owner } = await addShop();
    for (const scope of ["apiKeys.write", "team.write", "team.read", "apiKeys.read", "nonsense"])
      expect((await createKey(owner.token, { scopes: [scope] })).status, scope).toBe(422);
    const { token } = (await createKey(owner.token, { scopes: keyScopes })).body;
    expect((await createKey(token)).body.code).toBe("scope.missing");
  });
});
