import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { createRateLimits } from "../../api/auth/rate-limits.ts";
import { newId, toTypeId } from "../../domain/id.ts";
import { addEnrolled, codeOf, tokenOf } from "./factor-steps.ts";
import { createOwnerWorld } from "./owner-world.ts";
import type { OwnerWorld } from "./owner-world.ts";

const minute = 60_000;

const limits = createRateLimits();
/** As a quarter of an hour later. */
async function freeLimits(accountId: string): Promise<void> {
  const { rows } = await world.owner.query("select id from sessions where account_id = $1", [accountId]);
  for (const { id } of rows)
    await Promise.all([limits.sessionCodes.delete(id), limits.sessionPasswords.delete(id)]);
}

let world: OwnerWorld;
beforeAll(async () => {
  world = await createOwnerWorld(limits);
});
afterAll(() => world.close());

async function addOwner() {
  const [shop, account] = [await world.addShop(), await world.addAccount()];
  await world.addMember(shop.shopId, account.accountId);
  return { ...shop, ...account, token: await tokenOf(world, account) };
}

const stepUp = (token: string, body: object) =>
  world.ask("POST", "/v1/sessions/current/step-up", { token, body });
const addMethod = (token: string) =>
  world.ask("POST", "/v1/payment-methods", { token, body: { kind: "cod", name: "Cash" } });
const whoIs = (token: string) => world.ask("GET", "/v1/sessions/current", { token });

describe("what is guarded", () => {
  test("is open for ten minutes after signing in, and after each proof", async () => {
    const { token, password } = await addOwner();
    world.passTime(10 * minute - 1_000);
    expect((await addMethod(token)).status).toBe(201);
    world.passTime(1_000);
    const refused = await addMethod(token);
    expect([refused.status, refused.body.code]).toEqual([403, "step_up.required"]);
    expect(refused.body.detail).toContain("/v1/sessions/current/step-up");
    const fresh = (await stepUp(token, { password })).body;
    expect((await whoIs(fresh.token)).body.steppedUpUntil).toBe(fresh.steppedUpUntil);
    expect((await addMethod(fresh.token)).status).toBe(201);
    world.passTime(10 * minute);
    expect((await addMethod(fresh.token)).body.code).toBe("step_up.required");
  });

  test("is what leads money elsewhere or gives others a way in, and it is described", async () => {
    const { body } = await world.ask("GET", "/openapi.json");
    type Described = { operationId: string; "x-step-up"?: true | "factor" };
    const guarded = Object.values(body.paths as Record<string, Record<string, Described>>)
      .flatMap((methods) => Object.values(methods))
      .flatMap((operation) => (operation["x-step-up"] === undefined ? [] : [operation.operationId]));
    expect(guarded.toSorted()).toEqual([
      "changePassword",
      "confirmEmailChange",
      "confirmSecondFactor",
      "createApiKey",
      "createPaymentMethod",
      "enrolSecondFactor",
      "inviteMember",
      "putPayoutAccount",
      "putPayoutPreferences",
      "removeMember",
      "requestEmailChange",
      "revokeApiKey",
      "setPaymentMethodQr",
      "signShopAccessReview",
      "updateMember",
      "updatePaymentMethod",
      "updateProfile",
    ]);
  });

  test("is each refused to a session whose proof is old", async () => {
    const { token, accountId } = await addOwner();
    world.passTime(10 * minute);
    const account = toTypeId("acc", accountId);
    const gateway = { provider: "kbzpay", appId: "a", merchantCode: "1", merchantKey: "k" };
    const asked: [string, string, object?][] = [
      ["POST", "/v1/second-factor"],
      ["POST", "/v1/second-factor/confirm", { code: "123456" }],
      ["PUT", "/v1/profile", { username: null, name: null, phone: null }],
      ["POST", "/v1/payment-methods", { kind: "gateway", name: "KBZPay", gateway }],
      ["PATCH", `/v1/payment-methods/${toTypeId("pm", newId<string>())}`, { gateway }],
      ["PUT", `/v1/payment-methods/${toTypeId("pm", newId<string>())}/qr`],
      ["PUT", "/v1/payout-account", { kind: "kbzpay", accountName: "Aye", accountNumber: "09777123456" }],
      ["PUT", "/v1/payout-preferences", { schedule: "monthly", threshold: null }],
      ["POST", "/v1/api-keys", { name: "K", scopes: ["orders.read"] }],
      ["PATCH", `/v1/members/${account}`, { role: "viewer" }],
      ["DELETE", `/v1/members/${account}`],
      ["POST", "/v1/invitations", { email: "a@b.example", role: "viewer" }],
    ];
    for (const [method, path, body] of asked) {
      const { status, body: answer } = await world.ask(method, path, { token, body });
      expect({ [`${method} ${path}`]: [status, answer?.code] }).toEqual({
        [`${method} ${path}`]: [403, "step_up.required"],
      });
    }
  });

  test("is the password and the address as well, where there is a second factor", async () => {
    const { token, password, secret } = await addEnrolled(world);
    const bare = await addOwner();
    world.passTime(10 * minute);
    const asked: [string, object][] = [
      ["/v1/accounts/current/password", { currentPassword: password, newPassword: "short" }],
      ["/v1/email-changes", { email: "new@shop.example", password: "wrong" }],
      ["/v1/email-changes/confirm", { token: "nonsense" }],
    ];
    const codesOf = async (session: string) => {
      const answers = [];
      for (const [path, body] of asked)
        answers.push((await world.ask("POST", path, { token: session, body })).body.code);
      return answers;
    };
    expect(await codesOf(token)).toEqual(["step_up.required", "step_up.required", "step_up.required"]);
    const proven = (await stepUp(token, { code: codeOf(world, secret) })).body.token;
    const open = ["password.too_short", "password.wrong", "link.invalid"];
    expect(await codesOf(proven)).toEqual(open);
    expect((await codesOf(bare.token)).slice(1)).toEqual(open.slice(1));
  });

  test("is open to a key, which may what its scopes say", async () => {
    const { key } = await world.addTenant();
    expect((await addMethod(key)).status).toBe(201);
  });
});

describe("a step-up", () => {
  test("gives the session a new token, and the one before is worth nothing", async () => {
    const { token, password } = await addOwner();
    const answer = await stepUp(token, { password });
    expect(answer.headers.get("set-cookie")).toContain(`session=${answer.body.token}`);
    expect([(await whoIs(token)).status, (await whoIs(answer.body.token)).status]).toEqual([401, 200]);
  });

  test("takes no wrong password, and no guesses without end", async () => {
    const { token, password } = await addOwner();
    const codes = [];
    for (let guess = 0; guess < 10; guess += 1)
      codes.push((await stepUp(token, { password: "x" })).body.code);
    expect(new Set(codes)).toEqual(new Set(["step_up.refused"]));
    expect((await stepUp(token, { password })).status).toBe(429);
  });

  test("lets codes be guessed no longer by a right password in between", async () => {
    const { token, secret, password } = await addEnrolled(world);
    for (let guess = 0; guess < 10; guess += 1) await stepUp(token, { code: "000000" });
    const body = { currentPassword: password, newPassword: "short" };
    const change = await world.ask("POST", "/v1/accounts/current/password", { token, body });
    expect(change.body.code).toBe("password.too_short");
    expect((await stepUp(token, { code: codeOf(world, secret) })).status).toBe(429);
  });

  test("of an account with a factor takes a code, once, and no password", async () => {
    const { token, secret, password } = await addEnrolled(world);
    expect((await stepUp(token, { password })).body.code).toBe("step_up.code_needed");
    const body = { code: codeOf(world, secret) };
    const fresh = (await stepUp(token, body)).body.token;
    expect((await stepUp(fresh, body)).body.code).toBe("code.refused");
  });

  test("takes a recovery code instead, once", async () => {
    const { token, recoveryCodes } = await addEnrolled(world);
    const fresh = await stepUp(token, { code: recoveryCodes[0] });
    expect(fresh.status).toBe(200);
    expect((await stepUp(fresh.body.token, { code: recoveryCodes[0] })).status).toBe(401);
  });

  test.each([
    ["codes", { code: "000000" }],
    ["passwords", { password: "x" }],
  ])(
    "of %s that are refused twenty times in a row ends the session, and the history says so",
    async (what, wrong) => {
      const enrolled = what === "codes";
      const person = enrolled ? await addEnrolled(world) : { ...(await addOwner()), secret: "" };
      const right = () => (enrolled ? { code: codeOf(world, person.secret) } : { password: person.password });
      let { token } = person;
      const refuse = async (times: number) => {
        for (let guess = 0; guess < times; guess += 1) {
          if (guess % 9 === 0) await freeLimits(person.accountId);
          expect((await stepUp(token, wrong)).body.code).toMatch(/refused$/);
        }
      };
      await refuse(19);
      await freeLimits(person.accountId);
      token = (await stepUp(token, right())).body.token; // which begins a new row
      await refuse(19);
      expect((await whoIs(token)).status).toBe(200);
      await refuse(1);
      expect((await whoIs(token)).status).toBe(401);
      const { rows } = await world.owner.query("select kind from account_events where account_id = $1", [
        person.accountId,
      ]);
      expect(rows.map(({ kind }) => kind)).toContain(`${what}.often_refused`);
    },
  );

  test("revives no session that has ended", async () => {
    const { token, password } = await addOwner();
    await world.ask("DELETE", "/v1/sessions/current", { token });
    expect((await stepUp(token, { password })).status).toBe(401);
  });
});
