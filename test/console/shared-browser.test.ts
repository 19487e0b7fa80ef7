import { afterAll, beforeAll, expect, test } from "vitest";

import { platformShopId } from "../../db/accounts.ts";
import { createCommissions } from "../../db/commissions.ts";
import { screenCommissions } from "../../db/fraud-screening.ts";
import { attributeReferral } from "../../db/referrals.ts";
import { newId } from "../../domain/id.ts";
import type { AccountId, ShopId } from "../../domain/id.ts";
import { createConsoleWorld } from "./console-world.ts";
import type { ConsoleWorld } from "./console-world.ts";

let world: ConsoleWorld;
beforeAll(async () => {
  world = await createConsoleWorld();
});
afterAll(() => world.close());

type Person = { accountId: AccountId; shopId: ShopId; email: string; password: string };

async function addPerson(): Promise<Person> {
  const [{ shopId }, account] = [await world.addShop(), await world.addAccount()];
  await world.addMember(shopId, account.accountId);
  return { ...account, shopId };
}

/** With the cookies that the browser has by then; answers those that it has afterwards. */
async function signIn({ email, password }: Person, cookie = ""): Promise<string> {
  const form = { email, password };
  const { headers } = await world.visit("POST", "/console/sign-in", { form, headers: { cookie } });
  return headers
    .getSetCookie()
    .map((set) => set.split(";")[0])
    .join("; ");
}

/** What outlives signing out. */
function browserOf(cookies: string): string {
  return /browser=[^;]+/.exec(cookies)?.[0] ?? "";
}

/** Takes part by the page; answers the code. */
async function join(cookie: string): Promise<string> {
  const form = { accepted: "1" };
  await world.visit("POST", "/console/referral/join", { headers: { cookie }, form });
  const { html } = await world.visit("GET", "/console/referral", { headers: { cookie } });
  return /<strong>([2-9A-HJKMNP-Z]{8})<\/strong>/.exec(html)?.[1] ?? "";
}

/** Is brought by the code, signs in again as sign-up leads to, and pays for a plan. */
async function bringAndPay(payer: Person, code: string, cookie?: string): Promise<void> {
  const now = world.deps.clock.now();
  const { accountId, shopId } = payer;
  const asked = { accountId, code, source: "sign_up" as const, now };
  await world.deps.db.withShopSerialisable(platformShopId, (trx) => attributeReferral(trx, asked));
  await signIn(payer, cookie);
  const payment = { paymentId: newId<string>(), shopId, payerAccountId: accountId, paidAt: now, now };
  await world.worker.withShop(shopId, (trx) =>
    createCommissions(trx, { ...payment, amountMinor: 45_000, currency: "MMK" }),
  );
  await world.worker.withoutShop((trx) => screenCommissions(trx, { now, limit: 100 }));
}

async function rulesAgainst(code: string): Promise<string[]> {
  const { rows } = await world.owner.query<{ rule: string }>(
    "select rule from fraud_flags f join referral_participants p on p.id = f.participant_id where p.code = $1",
    [code],
  );
  return rows.map(({ rule }) => rule);
}

async function signsOf({ accountId }: Person): Promise<{ kind: string; index: Buffer }[]> {
  const { rows } = await world.owner.query<{ kind: string; index: Buffer }>(
    "select kind, index from referral_signals where account_id = $1",
    [accountId],
  );
  return rows;
}

test("who brings themselves by a second account in one browser is seen, and another browser is not", async () => {
  const [referrer, other, self] = [await addPerson(), await addPerson(), await addPerson()];
  const cookies = await signIn(referrer);
  const code = await join(cookies);
  await bringAndPay(other, code);
  expect(await rulesAgainst(code)).toEqual([]);
  await bringAndPay(self, code, browserOf(cookies));
  expect(await rulesAgainst(code)).toEqual(["same_device"]);
});

test("a browser keeps its name, of which a blind index is stored", async () => {
  const person = await addPerson();
  const cookies = await signIn(person);
  await join(cookies);
  expect(browserOf(await signIn(person, browserOf(cookies)))).toBe(browserOf(cookies));
  const [sign, ...more] = (await signsOf(person)).filter(({ kind }) => kind === "device");
  expect([sign?.kind, more]).toEqual(["device", []]);
  const name = browserOf(cookies).replace("browser=", "");
  expect(sign?.index.equals(Buffer.from(name, "base64url"))).toBe(false);
});

test("of who takes no part nothing is kept", async () => {
  const person = await addPerson();
  await signIn(person);
  expect(await signsOf(person)).toEqual([]);
});

test("a name that we did not give is none", async () => {
  const cookies = await signIn(await addPerson(), "browser=known-to-everybody");
  expect(browserOf(cookies)).toMatch(/^browser=[A-Za-z0-9_-]{22}$/);
});
