import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { createRateLimits } from "../../api/auth/rate-limits.ts";
import { remindOfAttestations } from "../../activities/upkeep/remind-of-attestations.ts";
import type { UpkeepDeps } from "../../activities/upkeep/upkeep-deps.ts";
import { lockAccount } from "../../db/accounts.ts";
import { fromTypeId } from "../../domain/id.ts";
import type { ShopId } from "../../domain/id.ts";
import { eventually } from "../support/eventually.ts";
import { attested, createAccountWorld, kindsOf } from "./account-world.ts";
import type { AccountWorld } from "./account-world.ts";

const day = 24 * 60 * 60_000;

let world: AccountWorld;
let person: Awaited<ReturnType<AccountWorld["addVerified"]>>;
beforeAll(async () => {
  world = await createAccountWorld(createRateLimits(100));
  person = await world.addVerified();
});
afterAll(() => world.close());

const wanted = { name: "Shwe Thread", agentName: "Aye", attested };

function open(token: string, more: object = {}, key?: string) {
  const headers = key === undefined ? {} : { "idempotency-key": key };
  return world.ask("POST", "/v1/shops", { token, body: { ...wanted, ...more }, headers });
}

describe("opening a shop", () => {
  test("makes the account its owner, and one account may own several", async () => {
    const { token } = await world.addVerified();
    const first = await open(token, {
      country: "TH",
      currency: "THB",
      timeZone: "Asia/Bangkok",
      languages: ["en"],
    });
    expect(first.status).toBe(201);
    expect(first.body).toMatchObject({
      name: "Shwe Thread",
      country: "TH",
      currency: "THB",
      timeZone: "Asia/Bangkok",
    });
    const second = await open(token, { name: "Second" });
    const session = await world.ask("GET", "/v1/sessions/current", { token });
    expect(session.body.shops.map(({ name, role }: Record<string, string>) => `${name}, ${role}`)).toEqual([
      "Shwe Thread, owner",
      "Second, owner",
    ]);
    const headers = { "shopthread-shop": second.body.id };
    expect((await world.ask("GET", "/v1/shop", { token, headers })).body).toMatchObject({ name: "Second" });
  });

  test("is not done twice with one key, at once or later, and another's key is another's", async () => {
    const [mine, other] = [await world.addVerified(), await world.addVerified()];
    const answers = await Promise.all([open(mine.token, {}, "k-1"), open(mine.token, {}, "k-1")]);
    const again = await open(mine.token, {}, "k-1");
    const ids = [...answers, again].map(({ body }) => body.id);
    expect(new Set(ids).size).toBe(1);
    expect((await open(other.token, {}, "k-1")).body.id).not.toBe(ids[0]);
    // Its key for secrets is the one that was stored.
    const headers = { "shopthread-shop": ids[0] };
    const device = await world.ask("POST", "/v1/devices", {
      token: mine.token,
      headers,
      body: { token: "fcm-token" },
    });
    expect(device.status).toBe(201);
  });

  test("with the key of another request is refused", async () => {
    const { token } = await world.addVerified();
    const first = await open(token, {}, "k-2");
    const other = await open(token, { name: "Another" }, "k-2");
    expect([other.status, other.body.code]).toEqual([422, "idempotency.key_reused"]);
    expect((await open(token, {}, "k-2")).body.id).toBe(first.body.id);
  });

  test("ends at twenty shops, also for two requests at once, and a repetition still answers", async () => {
    const { token, accountId } = await world.addVerified();
    const first = await open(token, {}, "k-3");
    for (let shops = 1; shops < 19; shops += 1)
      await world.addMember((await world.addShop()).shopId, accountId);
    let finish: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      finish = resolve;
    });
    let held: Promise<void> = gate;
    await new Promise<void>((isHeld) => {
      held = world.deps.db.withoutShop(async (trx) => {
        await lockAccount(trx, accountId);
        isHeld();
        await gate;
      });
    });
    const both = Promise.all([open(token), open(token)]);
    await eventually("both wait for the account", async () => {
      const { rows } = await world.owner.query("select from pg_locks where not granted");
      return rows.length > 1;
    });
    finish();
    await held;
    expect((await both).map(({ status }) => status).toSorted((one, other) => one - other)).toEqual([
      201, 409,
    ]);
    expect((await open(token)).body.code).toBe("shop.too_many");
    expect((await open(token, {}, "k-3")).body.id).toBe(first.body.id);
  });

  test.each([
    ["no statement", { attested: undefined }],
    ["an older statement", { attested: { ...attested, lawfulBasis: "2020-01" } }],
    ["half of it", { attested: { lawfulBasis: attested.lawfulBasis } }],
    ["no name", { name: " " }],
    ["no such time zone", { timeZone: "Asia/Nowhere" }],
    ["no such currency", { currency: "XXX" }],
    ["a field of ours", { nextOrderNumber: 1 }],
  ])("with %s is refused", async (_what, more) => {
    expect((await open(person.token, more)).status).toBe(422);
    const session = await world.ask("GET", "/v1/sessions/current", { token: person.token });
    expect(session.body.shops).toEqual([]);
  });

  test("needs a person of no other office: no key, nobody, no admin", async () => {
    const { accountId, token } = await world.addVerified();
    expect((await open(token)).status).toBe(201);
    const tenant = await world.addTenant();
    expect((await open(tenant.key)).status).toBe(401);
    expect((await open("")).status).toBe(401);
    await world.giveRole(accountId, "platform_admin");
    expect((await open(token)).body.code).toBe("shop.platform_account");
  });
});

test("M:ONAMI-55 an owner attests at onboarding, and is reminded once a year until it is done again", async () => {
  const { token, accountId } = await world.addVerified();
  const { body: shop } = await open(token);
  const shopId = fromTypeId<ShopId>("shop", shop.id);
  const { rows: attestations } = await world.owner.query(
    "select kind, version, account_id from shop_attestations where shop_id = $1 order by kind",
    [shopId],
  );
  expect(attestations).toEqual([
    { kind: "consumer_law", version: attested.consumerLaw, account_id: accountId },
    { kind: "lawful_basis", version: attested.lawfulBasis, account_id: accountId },
  ]);
  const remind = async (days: number) => {
    const clock = { now: () => new Date(Date.now() + days * day) };
    await remindOfAttestations({ ...world.deps, db: world.worker, clock } as unknown as UpkeepDeps); // all that it reaches
    const { rows } = await world.owner.query(
      "select id from owner_notices where shop_id = $1 and kind = 'attestation_due'",
      [shopId],
    );
    const mails = kindsOf(await world.mailsOf(accountId)).filter((kind) => kind === "owner_notice");
    return { notices: rows.length, mails: mails.length };
  };
  expect(await remind(364)).toEqual({ notices: 0, mails: 0 });
  expect(await remind(365)).toEqual({ notices: 1, mails: 1 });
  expect(await remind(366)).toEqual({ notices: 1, mails: 1 });
  expect(await remind(730)).toEqual({ notices: 2, mails: 2 });
  // Had it been given 300 days ago and not again, another reminder would be due in a hundred.
  await world.owner.query(
    "update shop_attestations set attested_at = attested_at - interval '300 days' where shop_id = $1",
    [shopId],
  );
  const again = await world.post("/v1/shop/attestations", { attested }, { token });
  expect({ status: again.status, count: again.body.data.length }).toEqual({ status: 201, count: 4 });
  expect(await remind(100)).toEqual({ notices: 2, mails: 2 });
});

test("a key cannot attest for the owner, nor can staff", async () => {
  const { key, staff } = await world.addTenant();
  const attest = (token: string) => world.post("/v1/shop/attestations", { attested }, { token });
  expect((await attest(key)).body.code).toBe("attestation.needs_owner");
  expect((await attest(staff)).body.code).toBe("scope.missing");
});

test("a manager, who writes in the shop, cannot attest for the owner", async () => {
  const { shopId } = await world.addTenant();
  const { accountId, email, password } = await world.addAccount();
  await world.addMember(shopId, accountId, "manager");
  const { token } = (await world.signIn(email, password)).body;
  const refused = await world.post("/v1/shop/attestations", { attested }, { token });
  expect([refused.status, refused.body.code]).toEqual([403, "attestation.needs_owner"]);
});
