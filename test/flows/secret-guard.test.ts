import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";

import type * as LogModule from "../../clients/log.ts";
import type * as SealerModule from "../../clients/sealer.ts";
import { openTestShop, startHouse } from "../support/house.ts";
import type { House, TestShop } from "../support/house.ts";
import { Outside, rowsOf, settled } from "../support/outside.ts";
import { openStory, place, slip, underReview } from "../support/order-story.ts";
import { Customer } from "../support/people.ts";
import { joinedDigits, recordSeals } from "../support/recorded-seals.ts";
import { secretFormats } from "../support/secret-formats.ts";
import type { SecretFormat } from "../support/secret-formats.ts";
import { shortConversationTimings } from "../support/short-timings.ts";

/** Everything that API and worker sealed, in plain, and every line that they logged, at the finest level. */
const { sealed, logged } = vi.hoisted(() => ({ sealed: [] as string[], logged: [] as string[] }));

vi.mock("../../clients/sealer.ts", async (importOriginal) => {
  const original = await importOriginal<typeof SealerModule>();
  return {
    ...original,
    createSealer: (...args: Parameters<typeof original.createSealer>) => {
      const sealer = original.createSealer(...args);
      recordSeals(sealer, sealed);
      return sealer;
    },
  };
});
vi.mock("../../clients/log.ts", async (importOriginal) => {
  const original = await importOriginal<typeof LogModule>();
  return {
    ...original,
    createLogger: (name: string) => {
      const destination = { write: (line: string) => void logged.push(line) };
      return original.createLogger(name, { level: "trace", destination });
    },
  };
});

let house: House;
let outside: Outside;
/** Inner steps at which the worker fails once. */
const failing = new Set<string>();

beforeAll(async () => {
  house = await startHouse();
  await house.restartWorker({ deps: { atStep: failAtStep, outbox } });
  outside = new Outside(house);
});
beforeEach(() => {
  sealed.length = 0;
  logged.length = 0;
});
afterAll(() => house.close());

function failAtStep(step: string): Promise<void> {
  return failing.delete(step) ? Promise.reject(new Error(`killed at ${step}`)) : Promise.resolve();
}

const outbox = { leaseMs: 1_000, echoWaitMs: 500, askAgainMs: 500 };
const quick = { ...shortConversationTimings, quietMs: 20, maxBurstMs: 50 };
const warning = /I hid a part of your message|ဖျောက်လိုက်ပြီး မသိမ်းထားပါဘူး/u;
const warnings = async (customer: Customer) =>
  (await customer.received()).filter(({ text = "" }) => warning.test(text)).length;

/** Every row of every table as text, by the superuser. */
async function openRows(): Promise<string[]> {
  const tables = await rowsOf<{ name: string }>(
    house,
    "select format('%I', table_name) as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'",
  );
  const rows = await rowsOf<{ row: string }>(
    house,
    tables.map(({ name }) => `select t::text as row from ${name} t`).join(" union all "),
  );
  return rows.map(({ row }) => row);
}

async function promptsOf(shopName: string): Promise<string[]> {
  const calls = await outside.modelCallsOf(shopName);
  return calls.map(({ body }) => JSON.stringify((body as { input: unknown }).input));
}

function holding(texts: string[], { secret }: Pick<SecretFormat, "secret">): string[] {
  const whole = new RegExp(`(?<![\\w.-])${secret.replaceAll(/[$()*+.?[\]^{|}]/gu, "\\$&")}(?![\\w-])`, "u");
  return texts.filter((text) => whole.test(text));
}

test.each([
  ["English", "Hello, what do you sell?", /never send passwords, PINs, one-time codes, keys or card numbers/],
  ["Burmese", "မင်္ဂလာပါ ဘာတွေရောင်းလဲ", /စကားဝှက်၊ PIN၊ OTP ကုဒ်၊ key နဲ့ ကတ်နံပါတ်တွေကို ဒီမှာ ဘယ်တော့မှ မပို့ပါနဲ့/u],
])(
  "P:MIK-13 M:MIKY-16 tells at first use, in %s, what not to send, masks 40 kinds of secrets, and warns once",
  async (language, hello, notice) => {
    const name = `Forty Shop ${language}`;
    const shop = await openTestShop(house, { name, conversationTimings: quick });
    const customer = new Customer(house, shop);
    await customer.say(hello);
    await settled(house, shop.shopId);
    expect((await customer.received())[0]?.text).toMatch(notice);
    expect(await warnings(customer)).toBe(0);

    expect(new Set(secretFormats.map(({ kind }) => kind)).size).toBe(40);
    for (const { text } of secretFormats) await customer.say(text);
    await settled(house, shop.shopId, 30_000);
    const [prompts, rows] = [await promptsOf(name), await openRows()];
    expect(prompts.join("")).toContain("removed]");
    for (const format of secretFormats) {
      expect(holding(sealed, format), `${format.kind} was stored`).toEqual([]);
      expect(holding(rows, format), `${format.kind} stands open in a table`).toEqual([]);
      expect(holding(prompts, format), `${format.kind} went to the model`).toEqual([]);
    }
    expect(await warnings(customer)).toBe(1);
  },
);

test("warns again after a day at the earliest, and once however often the worker dies", async () => {
  const shop = await openTestShop(house, { conversationTimings: quick });
  const customer = new Customer(house, shop);
  const told = (at: string) =>
    rowsOf(house, `update conversations set secret_warned_at = now() - interval '${at}' where shop_id = $1`, [
      shop.shopId,
    ]);
  for (const step of ["turn.answered", "turn.stored", "outbox.claimed", "outbox.sent"]) {
    failing.add(step);
  }
  await customer.say("my OTP is 482913");
  await customer.hearsText(warning);
  await settled(house, shop.shopId, 30_000);
  expect([...failing]).toEqual([]);
  expect(await warnings(customer)).toBe(1);

  await told("23 hours");
  await customer.say("my OTP is 482914");
  await settled(house, shop.shopId);
  expect(await warnings(customer)).toBe(1);
  await told("25 hours");
  await customer.say("my OTP is 482915");
  await settled(house, shop.shopId);
  expect(await warnings(customer)).toBe(2);
});

const number = "4111111111111111";
const spelled = "4111 1111 1111 1111";

/** What a person can write on Messenger's side, besides plain texts. */
function rawItems(mid: () => string): Record<string, unknown>[] {
  const attachments = [
    { type: "file", title: `${number}.pdf`, payload: { url: `https://cdn.example/${number}.pdf` } },
    { type: "fallback", title: spelled, url: `https://cdn.example/?n=${number}` },
  ];
  return [
    { message: { mid: mid(), text: "Yes", quick_reply: { payload: `card:${number}` } } },
    { message: { mid: mid(), attachments } },
    { message: { mid: mid(), text: "look", referral: { ref: number, source: "SHORTLINK" } } },
    { message_edit: { mid: mid(), text: spelled, num_edit: 1 } },
    { postback: { mid: mid(), title: spelled, payload: number } },
    { reaction: { mid: mid(), action: "react", emoji: number } },
    { referral: { ref: spelled, source: "SHORTLINK", type: "OPEN_THREAD" } },
    { message: { mid: 7.5, text: spelled } },
  ];
}

async function sayEverywhere(shop: TestShop, customer: Customer): Promise<void> {
  const texts = [number, spelled, "4111-1111-1111-1111", "၄၁၁၁ ၁၁၁၁ ၁၁၁၁ ၁၁၁၁", "4111 1111", "1111 1111"];
  for (const text of texts) await customer.say(text);
  await customer.say("it begins with 41111111");
  await settled(house, shop.shopId);
  await customer.say("and ends with 11111111");
  let mids = 0;
  for (const raw of rawItems(() => `m_${customer.psid}_${(mids += 1)}`)) await customer.send({ raw });
  await outside.humanWrites(shop, customer, spelled);
  await settled(house, shop.shopId, 30_000);
}

test("M:MMSO-31 P:MMSO-24 keeps card numbers out of every text, file name, slip, request and log, and warns once", async () => {
  const story = await openStory(house, { name: "Guarded Shop", conversationTimings: quick });
  const { shop, owner, customer } = story;
  const placed = await place(story);
  await customer.sendSlip(slip({ reference: number, payee: `Daw Thiri ${spelled}` }));
  const order = await underReview(owner, placed.id);
  await sayEverywhere(shop, customer);

  const { data } = await owner.get<{ data: { customerId: string }[] }>("/v1/conversations");
  const price = { amountMinor: 1, currency: "MMK" };
  for (const [path, body] of [
    [`/v1/conversations/${data[0]?.customerId}/messages`, { text: spelled }],
    [`/v1/orders/${order.id}/refuse-payment`, { reason: spelled }],
    [`/v1/orders/${order.id}/confirm-payment`, { reference: number }],
    ["/v1/products", { name: "Card", description: spelled, variants: [{ price }] }],
  ] as const) {
    expect((await owner.post(path, body)).status).toBe(422);
  }

  const withCard = (texts: string[]) => texts.filter((text) => joinedDigits(text).includes(number));
  expect(sealed.length).toBeGreaterThan(20);
  expect(withCard(sealed)).toEqual([]);
  expect(withCard(await openRows())).toEqual([]);
  const prompts = await promptsOf("Guarded Shop");
  expect(prompts.length).toBeGreaterThan(3);
  expect(withCard(prompts)).toEqual([]);
  // A half alone is no secret yet; no prompt shows the other half, and the last one neither.
  expect(prompts.filter((prompt) => joinedDigits(prompt).includes("11111111"))).toEqual([]);
  expect(joinedDigits(prompts.at(-1) ?? "")).not.toContain("41111111");
  expect(logged.length).toBeGreaterThan(20);
  expect(withCard(logged)).toEqual([]);
  expect(await warnings(customer)).toBe(1);
}, 60_000);
