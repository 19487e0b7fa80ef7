import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";

import type { CustomerId } from "../../domain/id.ts";
import type { Sealed } from "../../domain/sealing.ts";
import { shopSubject } from "../../domain/shop/shop-subject.ts";
import { createApiWorld, messageItem, newMid, newPsid } from "./api-world.ts";
import type { ApiWorld, TestShop, WireItem } from "./api-world.ts";
import { openDoor } from "./door.ts";
import type { Door } from "./door.ts";

let world: ApiWorld;
let door: Door;
beforeAll(async () => {
  world = await createApiWorld();
  door = openDoor(world);
});
afterAll(() => world.close());

/** The database refuses every edit. */
beforeEach(() =>
  world.owner.query(`
    create function refuse_edits() returns trigger language plpgsql as $$
    begin
      if new.kind = 'edit' then raise exception 'refused' using errcode = '22000'; end if;
      return new;
    end $$;
    create trigger refuse_edits before insert on intake for each row execute function refuse_edits();`),
);
afterEach(() => world.owner.query("drop trigger refuse_edits on intake; drop function refuse_edits()"));

type Letter = { id: string; reason: string; customer_id: CustomerId | null; body: Sealed };

async function lettersOf(shop: TestShop): Promise<Letter[]> {
  const { rows } = await world.owner.query<Letter>("select * from dead_letters where shop_id = $1", [
    shop.shopId,
  ]);
  return rows;
}

async function wordsOf(
  shop: TestShop,
  { id, customer_id: customerId, body }: Letter,
): Promise<string | undefined> {
  const place = { shopId: shop.shopId, field: "dead_letter.body", rowId: id };
  const owner =
    customerId === null
      ? { subjectId: shopSubject(shop.shopId), purpose: "secret" as const }
      : { subjectId: customerId, purpose: "chat" as const };
  const [plaintext] = await world.deps.sealer.open([{ place: { ...place, ...owner }, sealed: body }]);
  return plaintext?.toString("utf8");
}

function edit(shop: TestShop, psid: string, text: string, mid = newMid()): WireItem {
  return {
    sender: { id: psid },
    recipient: { id: shop.metaPageId },
    timestamp: Date.now(),
    message_edit: { mid, text, num_edit: 1 },
  };
}

/** An item that the parser does not understand. */
function puzzle(shop: TestShop, psid: string, text: string): WireItem {
  return {
    sender: { id: psid },
    recipient: { id: shop.metaPageId },
    timestamp: Date.now(),
    riddle: { text },
  };
}

/** Another one, of which it is known which message it is. */
function wordless(shop: TestShop, psid: string, text: string, mid = newMid()): WireItem {
  const { sender, recipient, timestamp } = edit(shop, psid, text, mid);
  return { sender, recipient, timestamp, message_edit: { mid, words: text } };
}

/** The database refuses the one, the parser the other. */
const refusals = [
  ["what the database refuses", edit],
  ["what nobody understands", wordless],
] as const;

async function known(): Promise<{ shop: TestShop; psid: string; customerId: CustomerId | undefined }> {
  const shop = await world.addShop();
  const psid = newPsid();
  await door.deliver(shop, messageItem(shop, psid, { text: "hello" }));
  return { shop, psid, customerId: (await door.conversationsOf(shop))[0]?.customer_id };
}

test.each([
  ["what the database refuses", edit],
  ["what nobody understands", puzzle],
])("%s of a known customer lies under that customer's key, and goes with it", async (_what, item) => {
  const { shop, psid, customerId } = await known();
  await door.deliver(shop, item(shop, psid, "my own words"));
  const [letter] = await lettersOf(shop);
  expect(letter?.customer_id).toBe(customerId);
  expect(letter && (await wordsOf(shop, letter))).toContain("my own words");
  await world.owner.query("delete from subject_keys where subject_id = $1", [customerId]);
  if (customerId) world.deps.sealer.forget(customerId);
  expect(letter && (await wordsOf(shop, letter))).toBeUndefined();
});

test("what comes from a stranger lies under the shop's key", async () => {
  const shop = await world.addShop();
  await door.deliver(shop, puzzle(shop, newPsid(), "who am I"));
  const [letter] = await lettersOf(shop);
  expect(letter?.customer_id).toBeNull();
  expect(letter && (await wordsOf(shop, letter))).toContain("who am I");
});

test("of a customer whose key is gone the words are kept by nobody", async () => {
  const { shop, psid, customerId } = await known();
  await world.owner.query("delete from subject_keys where subject_id = $1", [customerId]);
  if (customerId) world.deps.sealer.forget(customerId);
  expect((await door.deliver(shop, messageItem(shop, psid, { text: "my own words" }))).status).toBe(200);
  const [letter] = await lettersOf(shop);
  expect(letter).toMatchObject({ reason: "key.missing", customer_id: customerId });
  expect(letter && (await wordsOf(shop, { ...letter, customer_id: null }))).toBe("{}");
});

test("of a person whose erasure begins meanwhile nothing is set aside", async () => {
  const { shop, psid } = await known();
  const { sealer } = world.deps;
  const seal = sealer.seal.bind(sealer);
  sealer.seal = async (items) => {
    if (items.some(({ place }) => place.field === "dead_letter.body")) {
      await world.owner.query(
        "update subjects set state = 'erasing' where shop_id = $1 and kind = 'customer'",
        [shop.shopId],
      );
    }
    return seal(items);
  };
  await door.deliver(shop, puzzle(shop, psid, "my own words"));
  sealer.seal = seal;
  expect(await lettersOf(shop)).toEqual([]);
});

describe.each(refusals)("%s", (_what, refused) => {
  test.each([
    ["before", 0],
    ["after", 1],
  ])("is not kept when it is taken back %s it came", async (_when, place) => {
    const { shop, psid } = await known();
    const mid = newMid();
    const items = [refused(shop, psid, "taken back", mid)];
    items.splice(place, 0, messageItem(shop, psid, { mid, is_deleted: true }));
    for (const item of items) await door.deliver(shop, item);
    expect(await lettersOf(shop)).toEqual([]);
  });
});

test("a stranger's first words that nobody understands go, too, when they are taken back", async () => {
  const shop = await world.addShop();
  const [psid, mid] = [newPsid(), newMid()];
  await door.deliver(shop, wordless(shop, psid, "taken back", mid), puzzle(shop, newPsid(), "stays"));
  await door.deliver(shop, messageItem(shop, psid, { mid, is_deleted: true }));
  const [letter, ...others] = await lettersOf(shop);
  expect(letter && (await wordsOf(shop, letter))).toContain("stays");
  expect(others).toEqual([]);
});
