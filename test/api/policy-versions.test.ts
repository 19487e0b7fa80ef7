import { randomUUID } from "node:crypto";
import { Client } from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { PolicyTeller } from "../../activities/upkeep/policy-teller.ts";
import { forgetPolicyVersions } from "../../api/auth/policies-in-force.ts";
import { createRateLimits } from "../../api/auth/rate-limits.ts";
import { mountAdminApi } from "../../api/v1/admin/admin-api.ts";
import type { AccountId } from "../../domain/id.ts";
import type { PlatformRole } from "../../domain/platform-role.ts";
import { accepted, createAccountWorld } from "./account-world.ts";
import type { AccountWorld } from "./account-world.ts";

const day = 24 * 60 * 60_000;
let aheadMs = 0;
const now = () => new Date(Date.now() + aheadMs);

type Person = { email: string; accountId: AccountId };

let world: AccountWorld;
let compliance: Person;
let owner: Person;
beforeAll(async () => {
  world = await createAccountWorld(createRateLimits(1_000), [mountAdminApi]);
  Object.assign(world.deps, { clock: { now } });
  compliance = await addAdmin("compliance");
  owner = await world.addVerified();
  await world.addMember((await world.addTenant()).shopId, owner.accountId, "owner");
});
beforeEach(async () => {
  aheadMs = 0;
  await world.owner.query("delete from policy_notices");
  await world.owner.query("delete from policy_versions");
  await world.owner.query("delete from policy_acceptances where version like 'v%'");
  forgetPolicyVersions(world.deps);
});
afterAll(() => world.close());

async function addAdmin(role: PlatformRole): Promise<Person> {
  const person = await world.addVerified();
  await world.giveRole(person.accountId, role);
  return person;
}

async function signedIn({ email }: Person): Promise<string> {
  return String((await world.signIn(email)).body.token);
}

const path = "/v1/admin/policies/terms/versions";
const words = (text: string) => ({ en: text, my: text });

type Wanted = { version: string; isMaterial: boolean; inMs?: number; key?: string };

async function publish({ version, isMaterial, inMs, key = randomUUID() }: Wanted) {
  const effectiveAt =
    inMs === undefined ? {} : { effectiveAt: new Date(now().getTime() + inMs).toISOString() };
  const body = { version, text: words(`We agree on ${version}.`), summary: words("More."), isMaterial };
  const headers = { "idempotency-key": key };
  return world.ask("POST", path, {
    token: await signedIn(compliance),
    headers,
    body: { ...body, ...effectiveAt },
  });
}

const mine = "/v1/accounts/current/policy-acceptances";
const anything = "/v1/notice-preferences";
const ask = async (who: Person, at: string) => world.ask("GET", at, { token: await signedIn(who) });

describe("publishing", () => {
  test("P:MMSO-45 refuses a material change within 14 days, and shows what it has taken to everybody", async () => {
    const early = await publish({ version: "v2", isMaterial: true, inMs: day });
    expect(early).toMatchObject({ status: 422, body: { code: "policy.too_early" } });
    const key = randomUUID();
    const fitting = { version: "v2", isMaterial: true };
    const made = await publish({ ...fitting, key });
    expect(made.status).toBe(201);
    expect(await publish({ ...fitting, key })).toMatchObject({ status: 201, body: made.body });
    expect(await publish(fitting)).toMatchObject({ status: 409, body: { code: "policy.version_taken" } });
    const shown = await world.ask("GET", "/v1/policies/terms");
    expect(shown.body).toMatchObject({ version: accepted.terms, upcoming: [made.body] });
    const versions = await world.ask("GET", "/v1/policies/terms/versions");
    expect(versions.body).toEqual({ data: [made.body] });
    aheadMs = 14 * day + 60_000;
    const { effectiveAt, hash } = made.body;
    expect((await world.ask("GET", "/v1/policies/terms")).body).toMatchObject({
      version: "v2",
      effectiveAt,
      hash,
      upcoming: [],
    });
    const { body } = await world.ask("GET", "/v1/policies");
    expect(body.policies.find(({ name }: { name: string }) => name === "terms").version).toBe("v2");
  });

  test("is for good: no login changes or removes a version", async () => {
    expect((await publish({ version: "v2", isMaterial: false })).status).toBe(201);
    for (const login of ["api", "worker", "admin", "system"] as const) {
      const client = new Client({ connectionString: world.database.urls[login] });
      await client.connect();
      for (const change of ["update policy_versions set summary = '{}'", "delete from policy_versions"])
        await expect(client.query(change), login).rejects.toThrow("permission denied");
      await client.end();
    }
  });
});

describe("P:ONA-58 P:MMSO-46 P:MIK-72 an account", () => {
  test("can do nothing but read, accept and sign out once a material change is in effect, and all when it accepted", async () => {
    const made = await publish({ version: "v3", isMaterial: true });
    expect((await ask(owner, anything)).status).toBe(200);
    aheadMs = 14 * day + 60_000;
    for (const at of [anything, "/v1/products"])
      expect(await ask(owner, at)).toMatchObject({ status: 403, body: { code: "policy_not_accepted" } });
    expect(await ask(compliance, "/v1/admin/accounts")).toMatchObject({
      status: 403,
      body: { code: "policy_not_accepted" },
    });
    expect((await ask(owner, "/v1/sessions/current")).status).toBe(200);
    const leave = { token: await signedIn(owner), body: { kind: "access" } };
    expect((await world.ask("POST", "/v1/privacy-requests", leave)).status, "and leave").toBe(201);
    expect((await ask(owner, "/v1/privacy-requests?of=account")).body.data).toHaveLength(1);
    expect((await ask(owner, "/v1/privacy-requests")).status).toBe(403);
    expect((await ask(owner, mine)).body.changed).toEqual(["terms"]);
    const token = await signedIn(owner);
    const accept = (terms: string) =>
      world.ask("POST", mine, { token, body: { accepted: { ...accepted, terms } } });
    expect(await accept(accepted.terms)).toMatchObject({
      status: 422,
      body: { code: "policy.not_in_force" },
    });
    expect((await accept("v3")).body.data).toContainEqual(
      expect.objectContaining({ policy: "terms", version: "v3", how: "explicit" }),
    );
    for (const at of [anything, "/v1/products"]) expect((await ask(owner, at)).status).toBe(200);
    const { rows } = await world.owner.query(
      "select wording_hash as hash from policy_acceptances where account_id = $1 and version = 'v3'",
      [owner.accountId],
    );
    expect(rows).toEqual([{ hash: made.body.hash }]);
  });

  test("accepts a minor change by its first use after the effect, once", async () => {
    await publish({ version: "v3.1", isMaterial: false, inMs: day });
    const byUse = async () =>
      (await ask(owner, mine)).body.data.filter(({ how }: { how: string }) => how === "by_use");
    await ask(owner, anything);
    expect(await byUse()).toEqual([]);
    aheadMs = day + 60_000;
    for (const at of [anything, "/v1/products"]) expect((await ask(owner, at)).status).toBe(200);
    expect(await byUse()).toMatchObject([{ policy: "terms", version: "v3.1" }]);
  });

  test("is opened only on what is in force", async () => {
    await publish({ version: "v4", isMaterial: false });
    expect(await world.signUp()).toMatchObject({ status: 422, body: { code: "policy.not_in_force" } });
    expect((await world.signUp({ accepted: { ...accepted, terms: "v4" } })).status).toBe(202);
  });
});

test("P:ONA-57 P:MIK-71 M:ONAMI-63 each active account is told once, in the product and by mail, and nobody else", async () => {
  const suspended = await world.addVerified();
  await world.owner.query("update accounts set suspended_at = now() where id = $1", [suspended.accountId]);
  const unproven = await world.addPerson();
  const viewer = await world.addVerified(); // reads no notices
  await world.addMember((await world.addTenant()).shopId, viewer.accountId, "viewer");
  await publish({ version: "v5", isMaterial: true });
  for (let times = 0; times < 2; times += 1)
    await new PolicyTeller({ system: world.deps.system, db: world.worker, clock: { now } }).look();
  const mailsTo = async ({ accountId }: Person) =>
    (
      await world.owner.query(
        "select 1 from mails where account_id = $1 and data ->> 'notice' = 'policy_changed'",
        [accountId],
      )
    ).rowCount;
  const counts: (number | null)[] = [];
  for (const one of [owner, compliance, viewer, suspended, unproven]) counts.push(await mailsTo(one));
  expect(counts).toEqual([1, 1, 1, 0, 0]);
  const { body } = await ask(owner, "/v1/notices");
  expect(body.data.filter(({ kind }: { kind: string }) => kind === "policy_changed")).toMatchObject([
    { readAt: null, body: expect.stringContaining("14") },
  ]);
});
