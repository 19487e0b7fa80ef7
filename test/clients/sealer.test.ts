import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createBlindIndexer } from "../../clients/blind-indexer.ts";
import { createKeyring } from "../../clients/keyring.ts";
import { createSealer } from "../../clients/sealer.ts";
import { newId } from "../../domain/id.ts";
import type { ShopId, SubjectId } from "../../domain/id.ts";
import type { Keyring } from "../../domain/ports/keyring.ts";
import type { Purpose, Sealed, SealedPlace } from "../../domain/sealing.ts";
import { MemoryKeyRows } from "./memory-key-rows.ts";

let folder: string;
let rows: MemoryKeyRows;
let keyring: Keyring;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sealer-"));
  rows = new MemoryKeyRows();
  keyring = await createKeyring({ folder, rows });
});
afterEach(() => rm(folder, { recursive: true }));

function customer() {
  return { shopId: newId<ShopId>(), subjectId: newId<SubjectId>(), kind: "customer" as const };
}

function placeOf(subject: { shopId: ShopId; subjectId: SubjectId }, purpose: Purpose = "chat"): SealedPlace {
  const { shopId, subjectId } = subject;
  return { shopId, subjectId, purpose, field: "message.body", rowId: newId<string>() };
}

async function storedCustomer() {
  const subject = customer();
  rows.rows.push(...(await createSealer(keyring).makeKeys([subject])));
  return subject;
}

async function sealOne(place: SealedPlace, plaintext: string): Promise<Sealed> {
  const [sealed] = await createSealer(keyring).seal([{ place, plaintext }]);
  if (sealed === undefined) throw new Error("nothing sealed");
  return sealed;
}

describe("sealer", () => {
  test("makes the keys of a customer's purposes, which seal at once without being stored", async () => {
    const sealer = createSealer(keyring);
    const subject = customer();
    const keys = await sealer.makeKeys([subject]);
    expect(keys.map(({ purpose }) => purpose)).toEqual(["chat", "order", "finance"]);
    const place = placeOf(subject, "order");
    const [sealed] = await sealer.seal([{ place, plaintext: "Ma Hla" }]);
    expect(rows.finds).toBe(0);
    rows.rows.push(...keys);
    const elsewhere = await createSealer(keyring).open([{ place, sealed: sealed as Sealed }]);
    expect(elsewhere[0]?.toString()).toBe("Ma Hla");
  });

  test("goes to the keyring once a call, and not again while the keys are cached", async () => {
    const subjects = await Promise.all([storedCustomer(), storedCustomer(), storedCustomer()]);
    const items = subjects.flatMap((subject) => [
      { place: placeOf(subject), plaintext: "a" },
      { place: placeOf(subject, "finance"), plaintext: "b" },
    ]);
    const sealer = createSealer(keyring);
    const sealed = await sealer.seal(items);
    expect(rows.finds).toBe(1);
    const toOpen = items.map(({ place }, index) => ({ place, sealed: sealed[index] as Sealed }));
    const reader = createSealer(keyring);
    const opened = await reader.open(toOpen);
    expect(opened.map(String)).toEqual(["a", "b", "a", "b", "a", "b"]);
    expect(rows.finds).toBe(2);
    await reader.open(toOpen);
    await sealer.seal(items);
    expect(rows.finds).toBe(2);
  });

  test("keeps the order of a batch whose keys are partly destroyed", async () => {
    const [erased, living] = [await storedCustomer(), await storedCustomer()];
    const places = [placeOf(erased), placeOf(living), placeOf(erased, "finance")];
    const sealed = await createSealer(keyring).seal(places.map((place) => ({ place, plaintext: "x" })));
    rows.rows = rows.rows.filter(
      ({ subjectId, purpose }) => subjectId !== erased.subjectId || purpose === "finance",
    );
    const opened = await createSealer(keyring).open(
      places.map((place, index) => ({ place, sealed: sealed[index] as Sealed })),
    );
    expect(opened.map((plaintext) => plaintext?.toString())).toEqual([undefined, "x", "x"]);
  });

  test("throws key.missing when it shall seal for a subject without keys", async () => {
    const sealed = createSealer(keyring).seal([{ place: placeOf(customer()), plaintext: "x" }]);
    await expect(sealed).rejects.toMatchObject({ kind: "not_found", code: "key.missing" });
  });

  test("does not open a value that was moved to another row, field or subject", async () => {
    const subject = await storedCustomer();
    const place = placeOf(subject);
    const sealed = await sealOne(place, "address");
    const other = placeOf(await storedCustomer());
    for (const moved of [{ ...place, rowId: newId<string>() }, { ...place, field: "order.name" }, other]) {
      await expect(createSealer(keyring).open([{ place: moved, sealed }])).rejects.toMatchObject({
        code: "seal.damaged",
      });
    }
  });

  test("tells a damaged key id from an erased subject", async () => {
    const place = placeOf(await storedCustomer());
    const sealed = await sealOne(place, "text");
    sealed[5] = (sealed[5] ?? 0) ^ 1;
    const opened = createSealer(keyring).open([{ place, sealed }]);
    await expect(opened).rejects.toMatchObject({ code: "seal.damaged" });
    rows.rows = [];
    expect(await createSealer(keyring).open([{ place, sealed }])).toEqual([undefined]);
  });

  test("cannot open a destroyed subject's values after forget, or after the time to live", async () => {
    const place = placeOf(await storedCustomer());
    const sealed = await sealOne(place, "text");
    let nowMs = 0;
    const sealer = createSealer(keyring, { ttlMs: 60_000, monotonicMs: () => nowMs });
    const other = createSealer(keyring);
    await sealer.open([{ place, sealed }]);
    await other.open([{ place, sealed }]);
    rows.rows = [];
    nowMs = 59_999;
    expect((await sealer.open([{ place, sealed }]))[0]?.toString()).toBe("text");
    nowMs = 60_000;
    expect(await sealer.open([{ place, sealed }])).toEqual([undefined]);
    other.forget(place.subjectId);
    expect(await other.open([{ place, sealed }])).toEqual([undefined]);
    await expect(other.seal([{ place, plaintext: "x" }])).rejects.toMatchObject({ code: "key.missing" });
  });

  test("does not keep a key that was on its way while its subject was forgotten", async () => {
    const place = placeOf(await storedCustomer());
    const sealed = await sealOne(place, "text");
    const sealer = createSealer(keyring);
    rows.onFind = () => {
      rows.onFind = () => {};
      rows.rows = [];
      sealer.forget(place.subjectId);
    };
    await sealer.open([{ place, sealed }]);
    expect(await sealer.open([{ place, sealed }])).toEqual([undefined]);
  });

  test("holds no more keys than allowed, and drops the least recently used", async () => {
    const subjects = [await storedCustomer(), await storedCustomer(), await storedCustomer()];
    const sealer = createSealer(keyring, { maxKeys: 2 });
    const use = (index: number) =>
      sealer.seal([{ place: placeOf(subjects[index] ?? customer()), plaintext: "x" }]);
    for (const index of [0, 1, 0, 2]) await use(index);
    expect(rows.finds).toBe(3);
    await use(0);
    expect(rows.finds).toBe(3);
    await use(1);
    expect(rows.finds).toBe(4);
  });
});

describe("blind index", () => {
  test("is 16 equal bytes for equal values of one shop and field, else different", async () => {
    const [shopA, shopB] = [newId<ShopId>(), newId<ShopId>()];
    const first = createBlindIndexer(keyring);
    const second = createBlindIndexer(await createKeyring({ folder, rows }));
    const value = await first.index(shopA, "customer.phone", "+959123456789");
    expect(value.length).toBe(16);
    expect(value.equals(await second.index(shopA, "customer.phone", "+959123456789"))).toBe(true);
    const others = [
      await first.index(shopB, "customer.phone", "+959123456789"),
      await first.index("platform", "customer.phone", "+959123456789"),
      await first.index(shopA, "order.phone", "+959123456789"),
      await first.index(shopA, "customer.phone", "+959123456780"),
    ];
    expect(others.filter((other) => other.equals(value))).toEqual([]);
  });

  test("tries again after the keyring was away", async () => {
    let isAway = true;
    const flaky: Keyring = {
      ...keyring,
      indexKey: (scope) => (isAway ? Promise.reject(new Error("away")) : keyring.indexKey(scope)),
    };
    const indexer = createBlindIndexer(flaky);
    await expect(indexer.index("platform", "account.email", "a@example.com")).rejects.toThrow("away");
    isAway = false;
    expect((await indexer.index("platform", "account.email", "a@example.com")).length).toBe(16);
  });
});
