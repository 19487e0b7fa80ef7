import { Client } from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";

import { createRateLimits } from "../../api/auth/rate-limits.ts";
import { accountPlace, platformShopId } from "../../db/accounts.ts";
import { listOpenAppeals } from "../../db/account-appeals.ts";
import { changeSuspension, settleAppeal } from "../../db/suspend-account.ts";
import type { SuspensionReason } from "../../domain/account/suspension.ts";
import { fromTypeId } from "../../domain/id.ts";
import type { AccountId, AppealId } from "../../domain/id.ts";
import { createAccountWorld, goodPassword, kindsOf, newEmail, wordsOf } from "./account-world.ts";
import type { AccountWorld } from "./account-world.ts";
import { codeOf, enrol, giveCode } from "./factor-steps.ts";

let world: AccountWorld;
beforeAll(async () => {
  world = await createAccountWorld(createRateLimits(100));
});
afterAll(() => world.close());

function suspend(accountId: AccountId, reason: SuspensionReason | null = "fraud"): Promise<boolean> {
  const change = { accountId, reason, by: null, now: new Date() };
  return changeSuspension(world.deps.admin, change);
}

const appeal = (email: string, text = "It was my cousin's order.", password = goodPassword) =>
  world.post("/v1/account-appeals", { email, password, text });

test("a suspended account loses its sessions, and only the right password learns why it cannot sign in", async () => {
  const { email, accountId, token } = await world.addVerified();
  expect(await suspend(accountId)).toBe(true);
  expect(await suspend(accountId)).toBe(false);
  expect((await world.ask("GET", "/v1/sessions/current", { token })).status).toBe(401);
  const refused = await world.signIn(email);
  expect({ status: refused.status, code: refused.body.code }).toEqual({
    status: 403,
    code: "account.suspended",
  });
  const wrong = await world.signIn(email, "wrong");
  expect(wordsOf(wrong)).toEqual(wordsOf(await world.signIn(newEmail(), "wrong")));
  expect(kindsOf(await world.mailsOf(accountId)).at(-1)).toBe("account_suspended");
});

test("one with a second factor is refused after the password, and between password and code", async () => {
  const { email, accountId, token } = await world.addVerified();
  const { secret } = await enrol(world, token);
  const { body } = await world.signIn(email);
  await world.owner.query("update accounts set suspended_at = now(), suspended_for = 'legal' where id = $1", [
    accountId,
  ]);
  expect((await world.signIn(email)).body.code).toBe("account.suspended");
  const late = await giveCode(world, body.codeToken, codeOf(world, secret));
  expect([late.status, late.body.code]).toEqual([403, "account.suspended"]);
});

test("a session that outlived the suspension is worth nothing", async () => {
  const { accountId, token } = await world.addVerified();
  await world.owner.query("update accounts set suspended_at = now(), suspended_for = 'legal' where id = $1", [
    accountId,
  ]);
  expect((await world.ask("GET", "/v1/sessions/current", { token })).status).toBe(401);
});

test("its owner appeals with the password, in words that are sealed, three times at most", async () => {
  const { email, accountId } = await world.addVerified();
  expect((await appeal(email)).body.code).toBe("account.not_suspended");
  await suspend(accountId);
  expect((await appeal(email, "Please", "wrong")).status).toBe(401);
  expect((await appeal(newEmail())).status).toBe(401);
  expect((await appeal(email, " ")).status).toBe(422);
  const first = await appeal(email);
  expect(first).toMatchObject({ status: 201, body: { state: "open" } });
  const { rows } = await world.owner.query<{ text: string }>("select a::text as text from account_appeals a");
  expect(
    rows.some(({ text }) => text.includes("cousin") || text.includes(Buffer.from("cousin").toString("hex"))),
  ).toBe(false);
  const [open] = await world.deps.db.withoutShop((trx) => listOpenAppeals(trx, { accountId, limit: 9 }));
  const place = accountPlace(accountId, "account.appeal", open?.id ?? "");
  const [body] = open === undefined ? [] : await world.deps.sealer.open([{ place, sealed: open.body }]);
  expect(body?.toString("utf8")).toBe("It was my cousin's order.");
  expect([(await appeal(email)).status, (await appeal(email)).status]).toEqual([201, 201]);
  expect((await appeal(email)).body.code).toBe("appeal.still_open");
});

test("a granted appeal opens the account, once; a refused one does not", async () => {
  const { email, accountId } = await world.addVerified();
  await suspend(accountId);
  const ids = [await appeal(email), await appeal(email)].map(({ body }) =>
    fromTypeId<AppealId>("apl", body.id),
  );
  const settle = (id: AppealId | undefined, to: "granted" | "refused") =>
    settleAppeal(world.deps.admin, { id: id as AppealId, to, by: null, now: new Date() });
  expect(await settle(ids[0], "refused")).toBe("answered");
  expect((await world.signIn(email)).status).toBe(403);
  expect(kindsOf(await world.mailsOf(accountId))).toContain("appeal_refused");
  expect(await settle(ids[1], "granted")).toBe("answered");
  expect(await settle(ids[1], "refused")).toBe("decided_before");
  expect((await world.signIn(email)).status).toBe(201);
  const { rows } = await world.owner.query(
    "select action from audit_events where shop_id = $1 and (resource_id = $2 or resource_id = any ($3)) order by id",
    [platformShopId, accountId, ids],
  );
  expect(rows.map(({ action }) => action)).toEqual([
    "account.created",
    "account.verified",
    "account.suspended",
    "appeal.refused",
    "appeal.granted",
    "account.reinstated",
  ]);
});

test("appeals that wait are granted with the account's opening, and speak for no later suspension", async () => {
  const { email, accountId } = await world.addVerified();
  await suspend(accountId);
  const { body } = await appeal(email);
  await suspend(accountId, null);
  await suspend(accountId);
  const id = fromTypeId<AppealId>("apl", body.id) as AppealId;
  const late = await settleAppeal(world.deps.admin, { id, to: "granted", by: null, now: new Date() });
  expect([late, (await world.signIn(email)).status]).toEqual(["decided_before", 403]);
});

test.each([
  ["api", "update accounts set suspended_at = null, suspended_for = null"],
  ["api", "update account_appeals set state = 'granted'"],
  ["api", "update invitations set role = 'owner'"],
  ["api", "update invitations set created_by = created_by"],
  ["worker", "update mails set account_id = account_id"],
  ["worker", "update mails set kind = 'invitation'"],
  ["admin", "update accounts set password_hash = ''"],
  ["admin", "select email from accounts"],
] as const)("the login %s may not: %s", async (login, change) => {
  const client = new Client({ connectionString: world.database.urls[login] });
  await client.connect();
  await expect(client.query(change)).rejects.toThrow("permission denied");
  await client.end();
});
