import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";

import { sendMails } from "../../activities/upkeep/send-mails.ts";
import type { UpkeepDeps } from "../../activities/upkeep/upkeep-deps.ts";
import { platformShopId } from "../../db/accounts.ts";
import { queueMail, sealMailSecret } from "../../db/mails.ts";
import { newId } from "../../domain/id.ts";
import type { AccountId } from "../../domain/id.ts";
import type { MailClient, MailResult } from "../../domain/ports/mail-client.ts";
import { createOwnerWorld } from "../api/owner-world.ts";
import type { OwnerWorld } from "../api/owner-world.ts";

type Sent = Parameters<MailClient["sendMail"]>[0];

let world: OwnerWorld;
let sent: Sent[];
let result: MailResult | Error;
let offsetMs: number;
beforeAll(async () => {
  world = await createOwnerWorld();
});
afterAll(() => world.close());
beforeEach(async () => {
  sent = [];
  result = { outcome: "sent" };
  offsetMs = 0;
  await world.owner.query("update mails set state = 'gone'");
});

/** The worker's login, and a mail server that answers what the test says. */
function deps(): UpkeepDeps {
  return {
    ...world.deps,
    db: world.worker,
    clock: { now: () => new Date(Date.now() + offsetMs) },
    publicUrl: "http://shop.test",
    mail: {
      sendMail: (mail: Sent) => {
        sent.push(mail);
        return result instanceof Error ? Promise.reject(result) : Promise.resolve(result);
      },
    },
  } as unknown as UpkeepDeps; // what sending reaches of it
}

async function queue(accountId: AccountId, more: { expiresAt?: Date; to?: string } = {}) {
  const { to, ...options } = more;
  const secret = await sealMailSecret(world.deps.sealer, {
    accountId,
    secret: { token: "the-token", ...(to === undefined ? {} : { to }) },
  });
  const mail = {
    accountId,
    kind: "reset_password",
    data: {},
    secret,
    language: "en",
    now: new Date(),
  } as const;
  await world.deps.db.withoutShop((trx) =>
    queueMail(trx, { ...mail, businessKey: newId<string>(), ...options }),
  );
  return secret.id;
}

async function rowOf(id: string) {
  const { rows } = await world.owner.query<Record<string, unknown>>(
    `select state, attempts, error_code as code, secret is null as "isEmptied",
      extract(epoch from next_attempt_at - now())::float as "dueIn" from mails where id = $1`,
    [id],
  );
  return rows[0];
}

test("a mail goes once to the account's address, with its link, and keeps no link after", async () => {
  const { accountId, email } = await world.addAccount();
  const id = await queue(accountId);
  await Promise.all([sendMails(deps()), sendMails(deps())]);
  await sendMails(deps());
  expect(sent).toEqual([
    {
      id,
      to: email,
      subject: "Set a new password",
      body: expect.stringContaining("\nhttp://shop.test/console/reset?token=the-token\n"),
    },
  ]);
  expect(await rowOf(id)).toMatchObject({ state: "sent", attempts: 1, isEmptied: true });
});

test("it goes to the other address that it was sealed with", async () => {
  const { accountId } = await world.addAccount();
  await queue(accountId, { to: "old@example.com" });
  await sendMails(deps());
  expect(sent.map(({ to }) => to)).toEqual(["old@example.com"]);
});

test("a mail server that is away or busy is asked again later each time, under the same id", async () => {
  const { accountId } = await world.addAccount();
  const id = await queue(accountId);
  result = { outcome: "retry", code: "smtp.451" };
  await sendMails(deps());
  expect(await rowOf(id)).toMatchObject({ state: "queued", attempts: 1, code: "smtp.451", isEmptied: false });
  await sendMails(deps());
  expect(sent).toHaveLength(1);
  offsetMs = 31_000;
  await sendMails(deps());
  expect((await rowOf(id))?.["dueIn"]).toBeGreaterThan(80);
  offsetMs = 200_000;
  result = { outcome: "sent" };
  await sendMails(deps());
  expect(new Set(sent.map((mail) => mail.id))).toEqual(new Set([id]));
  expect(await rowOf(id)).toMatchObject({ state: "sent", attempts: 3 });
});

test("what the server refuses for good, or is too late, is failed and not tried again", async () => {
  const { accountId } = await world.addAccount();
  const refused = await queue(accountId);
  result = { outcome: "refused", code: "smtp.550" };
  await sendMails(deps());
  const late = await queue(accountId, { expiresAt: new Date(Date.now() - 1) });
  await sendMails(deps());
  offsetMs = 10 * 24 * 60 * 60_000;
  await sendMails(deps());
  expect(sent.map(({ id }) => id)).toEqual([refused]);
  expect(await rowOf(refused)).toMatchObject({ state: "failed", code: "smtp.550", isEmptied: true });
  expect(await rowOf(late)).toMatchObject({ state: "failed", code: "mail.expired", isEmptied: true });
});

test("one that a dead worker left is taken again after its lease, and holds no other", async () => {
  const { accountId } = await world.addAccount();
  const id = await queue(accountId);
  result = new Error("killed in the middle");
  await sendMails(deps());
  expect(await rowOf(id)).toMatchObject({ state: "sending" });
  result = { outcome: "sent" };
  const other = await queue(accountId);
  await sendMails(deps());
  expect(await rowOf(other)).toMatchObject({ state: "sent" });
  expect(await rowOf(id)).toMatchObject({ state: "sending" });
  offsetMs = 11 * 60_000;
  await sendMails(deps());
  expect(sent.map((mail) => mail.id)).toEqual([id, other, id]);
  expect(await rowOf(id)).toMatchObject({ state: "sent", attempts: 2 });
});

test("a mail to somebody whose key is destroyed goes nowhere", async () => {
  const { accountId } = await world.addAccount();
  const id = await queue(accountId);
  await world.owner.query("delete from subject_keys where shop_id = $1 and subject_id = $2", [
    platformShopId,
    accountId,
  ]);
  world.deps.sealer.forget(accountId as never);
  await sendMails(deps());
  expect(sent).toEqual([]);
  expect(await rowOf(id)).toMatchObject({ state: "gone", isEmptied: true });
});

test("without a mail server mails wait in their rows, untouched, for as long as it takes", async () => {
  const { accountId } = await world.addAccount();
  const id = await queue(accountId);
  offsetMs = 10 * 24 * 60 * 60_000;
  expect(await sendMails({ ...deps(), mail: null })).toBe(0);
  expect(await rowOf(id)).toMatchObject({ state: "queued", attempts: 0, code: null });
});
