import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { createRateLimits } from "../../api/auth/rate-limits.ts";
import { mailAdmins } from "../../db/mail-admins.ts";
import type { ApprovalMail } from "../../domain/account/notice-preferences.ts";
import { membershipRoles } from "../../domain/account/roles.ts";
import { newId } from "../../domain/id.ts";
import { tokenOf } from "./factor-steps.ts";
import { createOwnerWorld } from "./owner-world.ts";
import type { OwnerWorld } from "./owner-world.ts";
import { addDevice, addPerson, choose, noticesMailed, pushed, tell } from "./told-world.ts";

let world: OwnerWorld;
beforeAll(async () => {
  world = await createOwnerWorld(createRateLimits(1_000));
});
afterAll(() => world.close());

const off = { topic: "orders", channel: "push", isOn: false };
const mailed = { topic: "orders", channel: "email", isOn: true };

async function addOwner() {
  const { shopId } = await world.addShop();
  return { shopId, ...(await addPerson(world, shopId, "owner")) };
}

test("M:ONAMI-25 an order is told once to each device of whoever may see orders, as each of them chose", async () => {
  const { shopId } = await world.addShop();
  const team = await Promise.all(membershipRoles.map((role) => addPerson(world, shopId, role)));
  const devices = await Promise.all(
    team.map(async (person) => [await addDevice(world, person), await addDevice(world, person)]),
  );
  const admin = await world.addAccount();
  await world.giveRole(admin.accountId, "platform_admin");
  const of = (...roles: string[]) =>
    team.flatMap(({ role }, index) => (roles.includes(role) ? (devices[index] ?? []) : [])).toSorted();
  const tellTwice = async () => {
    for (let time = 0; time < 2; time += 1) await tell(world, shopId, { businessKey: newKey });
    return [...(await pushed(world)), ...(await pushed(world))].toSorted();
  };

  let newKey = "the first order";
  expect(await tellTwice()).toEqual(of("owner", "manager", "order_agent", "finance", "staff"));

  const [owner, manager] = team;
  if (owner === undefined || manager === undefined) throw new Error("nobody is there");
  await choose(world, manager, off, mailed);
  newKey = "the second order";
  expect(await tellTwice()).toEqual(of("owner", "order_agent", "finance", "staff"));
  expect(await noticesMailed(world, manager.accountId)).toEqual(["order_placed"]);
  await tell(world, shopId, { kind: "person_asked" });
  expect(await pushed(world)).toEqual(of("owner", "manager", "order_agent", "staff"));
  for (const { accountId } of [owner, admin]) expect(await noticesMailed(world, accountId)).toEqual([]);
});

describe("what an account chose", () => {
  test("holds for what waits to be sent as well", async () => {
    const owner = await addOwner();
    await addDevice(world, owner);
    await tell(world, owner.shopId);
    await choose(world, owner, off);
    expect(await pushed(world)).toEqual([]);
  });

  test("is its own, for all of its shops, and the last word counts", async () => {
    const owner = await addOwner();
    const { shopId } = await world.addShop();
    await world.addMember(shopId, owner.accountId, "manager");
    const other = await addPerson(world, shopId, "owner");
    const { body } = await choose(world, owner, { ...mailed, isOn: false }, mailed);
    expect(body.preferences[0]).toMatchObject({ topic: "orders", push: true, email: true });
    await tell(world, shopId);
    expect(await noticesMailed(world, owner.accountId)).toEqual(["order_placed"]);
    expect(await noticesMailed(world, other.accountId)).toEqual([]);
  });

  test("leaves the notice in the list", async () => {
    const owner = await addOwner();
    await choose(world, owner, off);
    await tell(world, owner.shopId);
    const { body } = await world.ask("GET", "/v1/notices", { token: owner.token });
    expect(body.data).toMatchObject([{ kind: "order_placed" }]);
  });

  test("does not silence what must not be missed, and the answer says what that is", async () => {
    const owner = await addOwner();
    const device = await addDevice(world, owner);
    const silent = (["push", "email"] as const).map((channel) => ({ topic: "shop", channel, isOn: false }));
    const { body } = await choose(world, owner, ...silent);
    expect(body.preferences).toContainEqual({
      topic: "shop",
      push: false,
      email: false,
      isFixed: false,
      alwaysTold: [
        "page_broken",
        "policy_changed",
        "attestation_due",
        "break_glass_opened",
        "break_glass_ended",
        "access_review_due",
        "disclosure_made",
        "privacy_to_answer",
        "privacy_reminder",
        "privacy_done_for_you",
        "privacy_overdue",
        "breach_notice",
        "breach_unreached",
      ],
    });
    for (const kind of ["page_restored", "page_broken"] as const) await tell(world, owner.shopId, { kind });
    expect(await pushed(world)).toEqual([device]);
    expect(await noticesMailed(world, owner.accountId)).toEqual(["page_broken"]);
  });

  test("cannot be about the security of the account, nor a way that a topic never goes", async () => {
    const owner = await addOwner();
    const security = await choose(world, owner, { topic: "security", channel: "email", isOn: false });
    expect([security.status, security.body.code]).toEqual([422, "notice.always_told"]);
    const pushless = await choose(world, owner, { topic: "approvals", channel: "push", isOn: true });
    expect([pushless.status, pushless.body.code]).toEqual([422, "notice.no_channel"]);
    const { body } = await world.ask("GET", "/v1/notice-preferences", { token: owner.token });
    expect(body.preferences.at(-1)).toMatchObject({ topic: "security", email: true, isFixed: true });
  });
});

describe("of whom it is asked", () => {
  const topicsOf = async (token: string) => {
    const { body } = await world.ask("GET", "/v1/notice-preferences", { token });
    return body.preferences.map(({ topic }: { topic: string }) => topic);
  };

  test("each hears of what they may see, in any of their shops", async () => {
    const { shopId } = await world.addShop();
    const finance = await addPerson(world, shopId, "finance");
    expect(await topicsOf(finance.token)).toEqual(["orders", "payments", "shop", "credits", "security"]);
    const viewer = await addPerson(world, shopId, "viewer");
    expect(await topicsOf(viewer.token)).toEqual(["security"]);
  });

  test("an admin who switched off what waits still hears of what waited too long", async () => {
    const [quiet, other] = [await world.addAccount(), await world.addAccount()];
    for (const { accountId } of [quiet, other]) await world.giveRole(accountId, "payout_approver");
    const token = await tokenOf(world, quiet);
    expect(await topicsOf(token)).toEqual(["approvals", "security"]);
    await choose(world, { token }, { topic: "approvals", channel: "email", isOn: false });
    for (const kind of ["payout_waits", "payout_waits_long"] satisfies ApprovalMail[]) {
      const mail = { role: "payout_approver", kind, businessKey: newId<string>(), now: new Date() } as const;
      await world.worker.withoutShop((trx) => mailAdmins(trx, mail));
    }
    const { rows } = await world.owner.query(
      "select account_id = $1 as quiet, kind from mails where kind like 'payout_waits%' order by kind, quiet",
      [quiet.accountId],
    );
    expect(rows).toEqual([
      { quiet: false, kind: "payout_waits" },
      { quiet: false, kind: "payout_waits_long" },
      { quiet: true, kind: "payout_waits_long" },
    ]);
  });
});

describe("the list of notices", () => {
  const kindsFor = async (token: string) => {
    const { body } = await world.ask("GET", "/v1/notices", { token });
    return body.data.map(({ kind }: { kind: string }) => kind);
  };

  test("shows each what they may see the things of", async () => {
    const owner = await addOwner();
    const agent = await addPerson(world, owner.shopId, "order_agent");
    for (const kind of ["order_placed", "upgrade_approved", "credits_low", "plan_limited"] as const) {
      await tell(world, owner.shopId, { kind });
    }
    expect(await kindsFor(owner.token)).toHaveLength(4);
    expect(await kindsFor(agent.token)).toEqual(["plan_limited", "order_placed"]);
  });

  test("shows what is for one account to that account alone, which alone can mark it read", async () => {
    const owner = await addOwner();
    const partner = await addPerson(world, owner.shopId, "owner");
    await addDevice(world, partner);
    await tell(world, owner.shopId, { kind: "payout_paid", accountId: owner.accountId });
    expect([await kindsFor(owner.token), await kindsFor(partner.token)]).toEqual([["payout_paid"], []]);
    expect([await pushed(world), await noticesMailed(world, partner.accountId)]).toEqual([[], []]);
    const { body } = await world.ask("GET", "/v1/notices", { token: owner.token });
    const read = await world.ask("POST", `/v1/notices/${body.data[0].id}/read`, { token: partner.token });
    expect(read.status).toBe(404);
  });
});
