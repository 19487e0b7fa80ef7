import { randomUUID } from "node:crypto";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { Writable } from "node:stream";
import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";

import { sendMails } from "../../activities/upkeep/send-mails.ts";
import { settleCommissions } from "../../activities/upkeep/settle-commissions.ts";
import { createRateLimits } from "../../api/auth/rate-limits.ts";
import { payoutDetailsPlace } from "../../db/payout-accounts.ts";
import { platformRoles } from "../../domain/platform-role.ts";
import type { Sealed } from "../../domain/sealing.ts";
import { upkeepDeps } from "../activities/upkeep-deps.ts";
import { sweepTimes } from "./every-operation.ts";
import { createPayoutWorld } from "./payout-world.ts";
import type { Earner, PayoutWorld } from "./payout-world.ts";
import { addDevice, addPerson, choose, noticesMailed, pushed } from "./told-world.ts";

const day = 24 * 3_600_000;

let world: PayoutWorld;
const said: string[] = [];
beforeAll(async () => {
  world = await createPayoutWorld(createRateLimits(sweepTimes));
  const stream = new Writable({
    write: (line: Buffer, _encoding, done) => {
      said.push(line.toString("utf8"));
      done();
    },
  });
  const log = pino({ level: "trace" }, stream);
  for (const deps of [world.deps, world.activityDeps]) Object.assign(deps, { log });
});
afterAll(() => world.close());

/** Says it as an admin of the role who has just signed in. */
async function say(role: "payout_admin" | "payout_approver", path: string, body: object = {}) {
  const { token } = await world.addAdmin(role);
  const headers = { "idempotency-key": randomUUID() };
  return world.ask("POST", `/v1/admin/payouts/${path}`, { token, body, headers });
}

async function send(id: string): Promise<void> {
  const { status, body } = await say("payout_admin", `${id}/propose`);
  expect(status).toBe(200);
  const { accountVersion, proposedAt } = body;
  const approval = await say("payout_approver", `${id}/approve`, { accountVersion, proposedAt });
  expect(approval.status).toBe(200);
}

async function recordPaid(id: string, attempt: number): Promise<void> {
  const { token } = await world.addAdmin("payout_admin");
  const evidenceId = await world.uploadProof(token, id);
  expect((await say("payout_admin", `${id}/record-paid`, { attempt, evidenceId })).status).toBe(200);
}

test("M:MIKY-38 a participant alone is told of each payout, and may switch that off but for what needs an answer", async () => {
  const earner = await world.addEarner();
  const partner = await addPerson(world, earner.shopId, "owner");
  await addDevice(world, partner);
  const device = await addDevice(world, { token: earner.owner });
  await world.tally();
  const { id } = await world.payoutOf(earner);
  const told = async () => [await pushed(world), await noticesMailed(world, earner.accountId)];

  const choices = (isOn: boolean) =>
    (["push", "email"] as const).map((channel) => ({ topic: "referral", channel, isOn }));
  expect((await choose(world, { token: earner.owner }, ...choices(false))).status).toBe(200);
  await send(id);
  await say("payout_admin", `${id}/record-failed`, { attempt: 1, reason: "account_unknown" });
  expect(await told()).toEqual([[device], ["payout_failed"]]);
  await send(id);
  await recordPaid(id, 2);
  expect(await told()).toEqual([[], ["payout_failed"]]);

  const other = await world.addEarner();
  const theirs = await addDevice(world, { token: other.owner });
  await world.tally();
  const payout = await world.payoutOf(other);
  await send(payout.id);
  await recordPaid(payout.id, 1);
  expect([await pushed(world), await noticesMailed(world, other.accountId)]).toEqual([
    [theirs],
    ["payout_paid"],
  ]);

  const listed = async (token: string) => {
    const { body } = await world.ask("GET", "/v1/notices", { token });
    return body.data.map(({ kind }: { kind: string }) => kind);
  };
  expect(await listed(earner.owner)).toEqual(["payout_paid", "payout_failed"]);
  expect([await listed(partner.token), await noticesMailed(world, partner.accountId)]).toEqual([[], []]);
});

const canary = { kind: "kbzpay", accountName: "Canary Thiri Moe", accountNumber: "09451234987" };
const words = [canary.accountName, canary.accountNumber, "Thiri", "451234987"];
const forms = words.flatMap((word) => [
  word,
  Buffer.from(word).toString("hex"),
  Buffer.from(word).toString("base64").replace(/=+$/, ""),
]);
const holdsCanary = (text: string) => forms.some((form) => text.includes(form));

type Person = { name: string; token: string; isAdmin: boolean };

/** All that is read by people of their kind; the names of the operations whose answer holds the canary. */
async function lookAround({ token, isAdmin }: Person, payoutId: string): Promise<string[]> {
  const { body } = await world.ask("GET", "/openapi.json");
  const paths = body.paths as Record<string, { get?: { operationId: string } }>;
  const found: string[] = [];
  for (const [path, { get }] of Object.entries(paths)) {
    if (get === undefined || path.startsWith("/v1/admin/") !== isAdmin) continue;
    const url = path.replaceAll("{payoutId}", payoutId).replaceAll(/\{\w+\}/g, "x");
    const { bytes } = await world.ask("GET", url, { token });
    if (holdsCanary(bytes.toString("utf8"))) found.push(get.operationId);
  }
  return found;
}

async function admins(): Promise<Person[]> {
  return Promise.all(
    platformRoles.map(async (name) => ({ name, token: (await world.addAdmin(name)).token, isAdmin: true })),
  );
}

async function peopleOfShops(earner: Earner): Promise<Person[]> {
  const ofShop = (role: "owner" | "manager") => addPerson(world, earner.shopId, role);
  return [
    { name: "owner", token: await world.openSession(earner.accountId) },
    { name: "partner", token: (await ofShop("owner")).token },
    { name: "manager", token: (await ofShop("manager")).token },
    { name: "key", token: earner.key },
    { name: "another shop", token: (await world.addTenant()).owner },
  ].map((person) => ({ ...person, isAdmin: false }));
}

/** Who was shown the canary, and by what. */
async function seenBy(people: readonly Person[], payoutId: string): Promise<[string, string[]][]> {
  const seen: [string, string[]][] = [];
  for (const person of people) {
    const found = await lookAround(person, payoutId);
    if (found.length > 0) seen.push([person.name, found]);
  }
  return seen;
}

/** Where the canary stands: tables of the database, files of the object store, the log, and what left the house. */
async function leaks(letters: readonly string[]): Promise<string[]> {
  const tables = await world.owner.query<{ name: string }>(
    "select tablename as name from pg_tables where schemaname = 'public'",
  );
  const found: string[] = [];
  for (const { name } of tables.rows) {
    const { rows } = await world.owner.query<{ text: string }>(`select t::text as text from ${name} t`);
    if (rows.some(({ text }) => holdsCanary(text))) found.push(name);
  }
  const files = await readdir(world.folder, { recursive: true, withFileTypes: true });
  for (const file of files.filter((entry) => entry.isFile())) {
    const bytes = await readFile(join(file.parentPath, file.name));
    if (holdsCanary(bytes.toString("latin1"))) found.push(file.name);
  }
  if (holdsCanary(said.join("\n"))) found.push("log");
  if (holdsCanary(letters.join("\n"))) found.push("mail");
  return found;
}

test("P:ONA-07 a code is its owner's alone, and a payout account is read by its owner and by an approved payout only", async () => {
  const [earner, other] = [await world.addEarner(), await world.addEarner()];
  const taken = world.owner.query(
    "update referral_participants set code = (select code from referral_participants where id = $2) where id = $1",
    [other.participantId, earner.participantId],
  );
  await expect(taken).rejects.toMatchObject({ code: "23505" });

  const put = await world.ask("PUT", "/v1/payout-account", { token: earner.owner, body: canary });
  expect(put.body).toMatchObject({ accountNumber: "••••4987", accountName: "C••• T••• M•••" });
  await world.owner.query("update payout_accounts set usable_from = changed_at, version = 1");
  const { rows } = await world.owner.query<{ details: Sealed }>(
    "select details from payout_accounts where participant_id = $1",
    [earner.participantId],
  );
  const place = payoutDetailsPlace(earner.participantId);
  const [opened] = await world.deps.sealer.open(rows.map(({ details: sealed }) => ({ place, sealed })));
  expect([place.purpose, opened?.toString("utf8")]).toEqual([
    "referral",
    expect.stringContaining(canary.accountNumber),
  ]);

  await world.tally();
  const { id } = await world.payoutOf(earner);
  expect(await seenBy(await admins(), id)).toEqual([]);
  await send(id);
  const people = [...(await admins()), ...(await peopleOfShops(earner))];
  expect(await seenBy(people, id)).toEqual([["payout_admin", ["getPayoutDestination"]]]);
  await recordPaid(id, 1);

  const letters: string[] = [];
  const mail = {
    sendMail: (letter: object) => {
      letters.push(JSON.stringify(letter));
      return Promise.resolve({ outcome: "sent" as const });
    },
  };
  for (let passed = 0; passed < 30; passed += 1) {
    world.passTime(day);
    await settleCommissions(world.activityDeps);
    await world.tally();
    await sendMails(upkeepDeps(world, { mail }));
    await pushed(world);
  }
  expect(await seenBy(await admins(), id)).toEqual([]);
  expect(letters.length + said.length).toBeGreaterThan(0);
  expect(await leaks(letters)).toEqual([]);
});
