import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { createRateLimits } from "../../api/auth/rate-limits.ts";
import { accountPlace } from "../../db/accounts.ts";
import { mailAdmins } from "../../db/mail-admins.ts";
import { insertNotice } from "../../db/owner-notices.ts";
import type { MailData, MailKind, MailSecret } from "../../domain/account/mail-texts.ts";
import { newId } from "../../domain/id.ts";
import type { AccountId, MailId, NoticeId, ShopId } from "../../domain/id.ts";
import type { NoticeKind } from "../../domain/order/notice-texts.ts";
import type { Sealed } from "../../domain/sealing.ts";
import { signIn, tokenOf } from "./factor-steps.ts";
import { createOwnerWorld } from "./owner-world.ts";
import type { OwnerWorld } from "./owner-world.ts";

let world: OwnerWorld;
beforeAll(async () => {
  world = await createOwnerWorld(createRateLimits(100));
});
afterAll(() => world.close());

type Mail = { id: MailId; kind: MailKind; data: MailData; secret: Sealed | null };

async function mailsOf(accountId: AccountId): Promise<Mail[]> {
  const { rows } = await world.owner.query<Mail>(
    "select id, kind, data, secret from mails where account_id = $1 order by id",
    [accountId],
  );
  return rows;
}

async function addShop(owners = 1) {
  const shop = await world.addShop();
  const accounts = [];
  for (let owner = 0; owner < owners; owner += 1) {
    const account = await world.addAccount();
    await world.addMember(shop.shopId, account.accountId);
    accounts.push(account);
  }
  return { ...shop, accounts };
}

describe("a new device", () => {
  const from = (device: string) => ({
    "user-agent": `Mozilla/5.0 (${device}) Firefox/140.0`,
    cookie: `browser=${device.padEnd(22, "x")}`,
  });

  test("is told once by mail, and the first of an account is not", async () => {
    const account = await world.addAccount();
    for (const device of ["Android", "Windows", "Windows"]) await signIn(world, account, from(device));
    expect(await mailsOf(account.accountId)).toMatchObject([{ kind: "new_device", data: {}, secret: null }]);
  });

  test("is not told to an address that nobody has proven", async () => {
    const account = await world.addAccount();
    await world.owner.query("update accounts set verified_at = null where id = $1", [account.accountId]);
    for (const device of ["Android", "Windows"]) await signIn(world, account, from(device));
    expect(await mailsOf(account.accountId)).toEqual([]);
  });
});

test("an invitation goes to the address that it is for, with what takes it", async () => {
  const { accounts } = await addShop();
  const guest = await world.addAccount();
  for (const owner of accounts) {
    const token = await tokenOf(world, owner);
    const body = { email: guest.email.toUpperCase(), role: "viewer" };
    const invited = await world.ask("POST", "/v1/invitations", { token, body });
    const [mail] = await mailsOf(owner.accountId);
    expect(mail).toMatchObject({ kind: "invitation", data: { shopName: "Shop" } });
    const place = accountPlace(owner.accountId, "mail.secret", mail?.id);
    const [secret] = await world.deps.sealer.open(mail?.secret ? [{ place, sealed: mail.secret }] : []);
    const opened = JSON.parse(secret?.toString("utf8") ?? "{}") as MailSecret;
    expect(opened).toEqual({ to: guest.email, token: invited.body.token });
  }
});

describe("a notice", () => {
  const tell = (shopId: ShopId, kind: NoticeKind, businessKey = newId<string>()) =>
    world.worker.withShop(shopId, (trx) =>
      insertNotice(trx, { shopId, id: newId<NoticeId>(), kind, businessKey, data: {}, now: new Date() }),
    );

  test("that an owner must not miss is mailed to each owner, once, and to nobody else", async () => {
    const { shopId, accounts } = await addShop(2);
    const staff = await world.addAccount();
    await world.addMember(shopId, staff.accountId, "staff");
    for (let time = 0; time < 2; time += 1) await tell(shopId, "upgrade_approved", "the-key");
    for (const { accountId } of accounts) {
      expect(await mailsOf(accountId)).toMatchObject([
        { kind: "owner_notice", data: { notice: "upgrade_approved", shopName: "Shop" } },
      ]);
    }
    expect(await mailsOf(staff.accountId)).toEqual([]);
  });

  test("leads each to a page that they may see", async () => {
    const { shopId, accounts } = await addShop();
    const staff = await world.addAccount();
    await world.addMember(shopId, staff.accountId, "staff");
    await tell(shopId, "plan_limited");
    const pageFor = async (accountId: AccountId) => (await mailsOf(accountId))[0]?.data.page;
    expect(await pageFor(accounts[0]?.accountId ?? staff.accountId)).toBe("/console/plan");
    expect(await pageFor(staff.accountId)).toBe("/console/conversations");
  });

  test("of every day's work is not", async () => {
    const { shopId, accounts } = await addShop();
    await tell(shopId, "order_placed");
    for (const { accountId } of accounts) expect(await mailsOf(accountId)).toEqual([]);
  });
});

test("what waits for admins is mailed to those of the role, once, without a word about the shop", async () => {
  const [{ shopId }, decider, other] = [await addShop(), await world.addAccount(), await world.addAccount()];
  await world.giveRole(decider.accountId, "subscription_admin");
  await world.giveRole(other.accountId, "payout_admin");
  const mail = {
    role: "subscription_admin",
    kind: "upgrade_waits",
    businessKey: "k",
    now: new Date(),
  } as const;
  for (let time = 0; time < 2; time += 1) await world.worker.withShop(shopId, (trx) => mailAdmins(trx, mail));
  expect(await mailsOf(decider.accountId)).toMatchObject([{ kind: "upgrade_waits", data: {}, secret: null }]);
  expect(await mailsOf(other.accountId)).toEqual([]);
});
