import { afterAll, afterEach, beforeAll, expect, test } from "vitest";

import { createMessengerClient } from "../../clients/messenger.ts";
import { eventually } from "../support/eventually.ts";
import { openTestShop, startHouse } from "../support/house.ts";
import type { House, TestShop } from "../support/house.ts";
import { Outside, rowsOf, settled } from "../support/outside.ts";
import { Customer, Owner } from "../support/people.ts";

let house: House;
let outside: Outside;
/** What happens once when a part is taken, before it is sent. */
let whenClaimed: (() => Promise<unknown>) | undefined;

beforeAll(async () => {
  house = await startHouse();
  await house.restartWorker({
    deps: {
      atStep: async (step) => {
        if (step !== "outbox.claimed") return;
        const act = whenClaimed;
        whenClaimed = undefined;
        await act?.();
      },
      outbox: { leaseMs: 1_500, echoWaitMs: 600, askAgainMs: 500 },
      // As the product's, with a shorter wait for an answer that does not come.
      messenger: createMessengerClient({
        egress: house.core.egress,
        baseUrl: house.config.GRAPH_BASE_URL,
        version: house.config.GRAPH_VERSION,
        appId: house.config.META_APP_ID ?? "",
        appSecret: house.config.META_APP_SECRET[0] ?? "",
        timeoutMs: 1_000,
      }),
    },
  });
  outside = new Outside(house);
});
afterEach(() => outside.calm());
afterAll(() => house.close());

/** Stands in the message that says that an order is placed, and in no other. */
const account = "09 777 000 123";

type Part = {
  state: string;
  business_key: string;
  error_code: string | null;
  attempts: number;
  is_resend: boolean;
};

function partsOf(shop: TestShop): Promise<Part[]> {
  return rowsOf<Part>(
    house,
    "select state, business_key, error_code, attempts, is_resend from outbox where shop_id = $1 order by seq",
    [shop.shopId],
  );
}

/** Waits until no part of the shop is open in any way. */
function allSent(shop: TestShop, timeoutMs = 15_000): Promise<Part[]> {
  return eventually(
    "everything is sent",
    async () => {
      const parts = await partsOf(shop);
      return parts.length > 0 && parts.every(({ state }) => state === "sent") && parts;
    },
    timeoutMs,
  );
}

async function countHeard(customer: Customer, part: string): Promise<number> {
  return (await customer.received()).filter(({ text = "" }) => text.includes(part)).length;
}

/** A customer who was greeted and answered. */
async function inTalk(): Promise<{ shop: TestShop; customer: Customer }> {
  const shop = await openTestShop(house);
  const customer = new Customer(house, shop);
  await customer.say("What are your opening hours?");
  await customer.hearsText("9 to 19");
  await settled(house, shop.shopId);
  return { shop, customer };
}

/** A customer who has a summary before them. */
async function atSummary(): Promise<{ shop: TestShop; customer: Customer; confirm: string }> {
  const { shop, customer } = await inTalk();
  await customer.say("I want to buy 1 Red Dress");
  await customer.hearsText(/cart/i);
  await customer.say("Name: Ma Hla\nPhone: 09 791 234 567\nTownship: Sanchaung\nAddress: No 12 Baho Road");
  await customer.hearsText(/pay/i);
  await customer.say("KBZPay");
  const confirm = await customer.offered("confirm:");
  await settled(house, shop.shopId);
  return { shop, customer, confirm };
}

test("delivers answers and order confirmations as RESPONSE and UPDATE inside the window", async () => {
  const { shop, customer, confirm } = await atSummary();
  await customer.tap(confirm);
  await customer.hearsText(/order #\S+ is placed/);
  await allSent(shop);
  const sent = (await outside.calls("graph")).map(({ body }) => body as Record<string, unknown>);
  const types = sent
    .filter((body) => JSON.stringify(body).includes(customer.psid))
    .map((body) => body["messaging_type"]);
  expect(new Set(types.filter((type) => type !== undefined))).toEqual(new Set(["RESPONSE", "UPDATE"]));
});

test("sends an answer once when Messenger's own answer was lost after the work", async () => {
  const { shop, customer } = await inTalk();
  await outside.arm({ to: "graph", match: "45,000", dropAfter: true });
  await outside.arm({ to: "webhook", match: "is_echo", delayMs: 300 });
  await customer.say("How much is the Red Dress?");
  await customer.hearsText("45,000");
  await allSent(shop);
  expect(await countHeard(customer, "45,000")).toBe(1);
});

test("sends it once also when the echo was lost too, by asking Messenger", async () => {
  const { shop, customer } = await inTalk();
  await outside.arm({ to: "graph", match: "45,000", dropAfter: true });
  await outside.arm({ to: "webhook", match: "45,000", lose: true });
  await customer.say("How much is the Red Dress?");
  await customer.hearsText("45,000");
  await allSent(shop);
  expect(await countHeard(customer, "45,000")).toBe(1);
});

test("sends an answer again, once, when Messenger never got it", async () => {
  const { shop, customer } = await inTalk();
  await outside.arm({ to: "graph", match: "45,000", hang: true });
  await customer.say("How much is the Red Dress?");
  await customer.hearsText("45,000");
  const parts = await allSent(shop);
  expect(parts.filter(({ is_resend: isResend }) => isResend)).toHaveLength(1);
  expect(await countHeard(customer, "45,000")).toBe(1);
});

test("sends nothing late: a sender that stood still finds that another has sent it", async () => {
  const { shop, customer } = await inTalk();
  const heard = () => customer.hearsText("45,000");
  let isAwake = false;
  whenClaimed = async () => {
    await heard(); // the lease ends meanwhile, the settler asks Messenger, and sends it again
    isAwake = true;
  };
  await customer.say("How much is the Red Dress?");
  await eventually("the first sender goes on", () => isAwake);
  await customer.say("What are your returns?");
  await customer.hearsText("Exchange");
  await allSent(shop);
  expect(await countHeard(customer, "45,000")).toBe(1);
});

test("sends an order message once when Messenger's answer was lost after the work", async () => {
  const { shop, customer, confirm } = await atSummary();
  await outside.arm({ to: "graph", match: account, dropAfter: true });
  await outside.arm({ to: "webhook", match: account, delayMs: 300 });
  await customer.tap(confirm);
  await customer.hearsText(/order #\S+ is placed/);
  await allSent(shop);
  expect(await countHeard(customer, account)).toBe(1);
});

test("never sends an order message of unknown fate again: the owner is told", async () => {
  const { shop, customer, confirm } = await atSummary();
  await outside.arm({ to: "graph", match: account, hang: true });
  await customer.tap(confirm);
  const owner = new Owner(house, shop);
  await eventually("the owner is told", async () => {
    const { data } = await owner.get<{ data: { kind: string }[] }>("/v1/notices");
    return data.some(({ kind }) => kind === "message_unknown");
  });
  await outside.calm();
  await customer.say("What are your returns?");
  await customer.hearsText("Exchange");
  await settled(house, shop.shopId);
  expect(await countHeard(customer, account)).toBe(0);
  const placed = (await partsOf(shop)).find(({ business_key: key }) => key.endsWith(":placed"));
  expect(placed).toMatchObject({ state: "unknown", attempts: 1 });
});

test("settles by an echo that comes before the answer", async () => {
  const { shop, customer } = await inTalk();
  await outside.arm({ to: "graph", match: "45,000", answerDelayMs: 700 });
  await customer.say("How much is the Red Dress?");
  await customer.hearsText("45,000");
  await allSent(shop);
  expect(await countHeard(customer, "45,000")).toBe(1);
  const silent = "select customer_id from conversations where shop_id = $1 and human_until is not null";
  expect(await rowsOf(house, silent, [shop.shopId])).toEqual([]);
});

test.each([
  ["500", { status: 500 }],
  ["429", { status: 429 }],
  ["400 and asked for patience", { status: 400 }],
])("delivers once after Graph answered %s", async (_how, fault) => {
  const { shop, customer } = await inTalk();
  await outside.arm({ to: "graph", match: "45,000", ...fault });
  await customer.say("How much is the Red Dress?");
  await customer.hearsText("45,000");
  await settled(house, shop.shopId);
  expect(await countHeard(customer, "45,000")).toBe(1);
});

const limited = { error: { code: 613, message: "Calls to this api have exceeded the rate limit." } };

/** The limit is over, and what waited for it is due. */
async function endLimit({ shopId }: TestShop): Promise<void> {
  await rowsOf(house, "update outbox set next_attempt_at = now() where shop_id = $1 and state = 'queued'", [
    shopId,
  ]);
  await rowsOf(house, "update pages set paused_until = null where shop_id = $1", [shopId]);
}

test("waits for the Page's limit and then sends in order", async () => {
  const { shop, customer } = await inTalk();
  await outside.arm({ to: "graph", match: "45,000", status: 400, body: limited });
  await customer.say("How much is the Red Dress?");
  await eventually("the answer waits", async () => (await partsOf(shop)).at(-1)?.error_code === "graph.613");
  await customer.say("What are your returns?");
  await eventually("two answers wait", async () => {
    return (await partsOf(shop)).filter(({ state }) => state === "queued").length === 2;
  });
  await endLimit(shop);
  await customer.hearsText("Exchange");
  const texts = (await customer.received()).map(({ text = "" }) => text);
  expect(texts.findIndex((text) => text.includes("45,000"))).toBeLessThan(
    texts.findIndex((text) => text.includes("Exchange")),
  );
});

test("lets nothing overtake an answer that is to be tried again", async () => {
  const { shop, customer } = await inTalk();
  const busy = { error: { code: 2, message: "Service temporarily unavailable" } };
  await outside.arm({ to: "graph", match: "45,000", status: 400, body: busy });
  await customer.say("How much is the Red Dress?");
  await eventually("the answer waits", async () => (await partsOf(shop)).at(-1)?.error_code === "graph.2");
  await rowsOf(
    house,
    "update outbox set next_attempt_at = now() + interval '1 hour' where shop_id = $1 and state = 'queued'",
    [shop.shopId],
  );
  await customer.say("What are your returns?");
  await eventually("the next answer waits behind it", async () => {
    return (await partsOf(shop)).filter(({ state }) => state === "queued").length === 2;
  });
  await inTalk(); // all senders have looked meanwhile
  expect(await countHeard(customer, "Exchange")).toBe(0);
  await endLimit(shop);
  await customer.hearsText("Exchange");
  expect(await countHeard(customer, "45,000")).toBe(1);
});

test("sends nobody anything through a Page while its limit lasts, and goes on elsewhere", async () => {
  const { shop, customer } = await inTalk();
  await outside.arm({ to: "graph", match: "45,000", status: 400, body: limited });
  await customer.say("How much is the Red Dress?");
  await eventually("the answer waits", async () => (await partsOf(shop)).at(-1)?.error_code === "graph.613");
  const other = new Customer(house, shop);
  await other.say("What are your returns?");
  await eventually("the other's answer waits too", async () => {
    return (await partsOf(shop)).filter(({ state }) => state === "queued").length > 1;
  });
  await inTalk(); // another Page's customer is greeted and answered, and all senders have looked meanwhile
  expect(await other.received()).toEqual([]);
  await endLimit(shop);
  await other.hearsText("Exchange");
  await customer.hearsText("45,000");
});

test("keeps what the window forbids until the customer writes again, and tries it no sooner", async () => {
  const { shop, customer, confirm } = await atSummary();
  const closed = {
    error: {
      code: 10,
      error_subcode: 2_018_278,
      message: "outside of allowed window",
      type: "OAuthException",
    },
  };
  await outside.arm({ to: "graph", match: account, status: 400, body: closed });
  await customer.tap(confirm);
  const waits = await eventually("it waits for the window", async () =>
    (await partsOf(shop)).find(({ state }) => state === "waiting_for_window"),
  );
  expect(waits.error_code).toBe("graph.10");
  // The sender looks several times a second; one that tried again would have sent it by the time the order is served.
  await new Owner(house, shop).get("/v1/orders");
  await outside.humanWrites(shop, customer, "one moment");
  await eventually("the sender has looked again", async () => {
    const rows = await rowsOf(house, "select id from messages where shop_id = $1 and author = 'page_inbox'", [
      shop.shopId,
    ]);
    return rows.length === 1;
  });
  expect(await countHeard(customer, account)).toBe(0);
  await customer.say("bot");
  await customer.hearsText(/order #\S+ is placed/);
  expect(await countHeard(customer, account)).toBe(1);
});

test("holds an order message back when 24 hours are over, and sends it with the customer's next words", async () => {
  const { shop, customer, confirm } = await atSummary();
  await house.stopWorker();
  await customer.tap(confirm);
  await eventually("the tap is in", async () => {
    const rows = await rowsOf(house, "select id from intake where shop_id = $1 and claimed_at is null", [
      shop.shopId,
    ]);
    return rows.length === 1;
  });
  await rowsOf(
    house,
    "update conversations set last_customer_action_at = now() - interval '25 hours' where shop_id = $1",
    [shop.shopId],
  );
  await house.restartWorker();
  await eventually("it waits", async () =>
    (await partsOf(shop)).some(({ state }) => state === "waiting_for_window"),
  );
  expect(await countHeard(customer, account)).toBe(0);
  await customer.say("Hello?");
  await customer.hearsText(/order #\S+ is placed/);
});

test("marks the Page broken when its token is dead, and tells the owner once", async () => {
  const { shop, customer } = await inTalk();
  const dead = { error: { code: 190, message: "Error validating access token", type: "OAuthException" } };
  await outside.arm({ to: "graph", match: "/messages", status: 400, body: dead, times: null });
  await customer.say("How much is the Red Dress?");
  await customer.say("What are your returns?");
  await eventually("the Page is broken", async () => {
    const rows = await rowsOf(house, "select id from pages where shop_id = $1 and state = 'broken'", [
      shop.shopId,
    ]);
    return rows.length === 1;
  });
  await customer.say("Hello?");
  await eventually("everything is claimed", async () => {
    const rows = await rowsOf(house, "select id from intake where shop_id = $1 and claimed_at is null", [
      shop.shopId,
    ]);
    return rows.length === 0;
  });
  const { data } = await new Owner(house, shop).get<{ data: { kind: string }[] }>("/v1/notices");
  expect(data.map(({ kind }) => kind)).toEqual(["page_broken"]);
});
