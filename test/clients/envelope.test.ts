import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import {
  bytesToUuid,
  envelopeOverhead,
  openEnvelope,
  placeBinding,
  readKid,
  sealEnvelope,
  uuidToBytes,
} from "../../clients/envelope.ts";
import { newId } from "../../domain/id.ts";
import type { ShopId, SubjectId } from "../../domain/id.ts";
import type { SealedPlace } from "../../domain/sealing.ts";
import { fc } from "../support/properties.ts";

const key = randomBytes(32);
const kid = uuidToBytes(newId());
const boundTo = "shop|subject|chat|message.body|row|1";

function place(changes: Partial<SealedPlace> = {}): SealedPlace {
  return {
    shopId: newId<ShopId>(),
    subjectId: newId<SubjectId>(),
    purpose: "chat",
    field: "message.body",
    rowId: newId<string>(),
    ...changes,
  };
}

describe("envelope", () => {
  test("adds 46 bytes and opens to the same bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 4_000 }), (plaintext) => {
        const sealed = sealEnvelope({ key, kid, boundTo, plaintext });
        expect(sealed.length).toBe(plaintext.length + 46);
        expect(openEnvelope({ key, boundTo, sealed }).equals(plaintext)).toBe(true);
      }),
    );
    expect(envelopeOverhead).toBe(46);
  });

  test("names version, algorithm and key id in the clear", () => {
    const sealed = sealEnvelope({ key, kid, boundTo, plaintext: "မင်္ဂလာပါ" });
    expect([...sealed.subarray(0, 2)]).toEqual([1, 1]);
    expect(readKid(sealed).equals(kid)).toBe(true);
  });

  test("never repeats a nonce for the same text", () => {
    const seal = () => sealEnvelope({ key, kid, boundTo, plaintext: "same" }).toString("hex");
    expect(new Set(Array.from({ length: 200 }, seal)).size).toBe(200);
  });

  test("refuses a change of any byte but those of the key id, which choose the key", () => {
    const sealed = sealEnvelope({ key, kid, boundTo, plaintext: "secret text" });
    for (let index = 0; index < sealed.length; index += 1) {
      if (index >= 2 && index < 18) continue;
      const changed = Buffer.from(sealed);
      changed[index] = (changed[index] ?? 0) ^ 1;
      expect(() => openEnvelope({ key, boundTo, sealed: changed }), `byte ${index}`).toThrow(/seal\.damaged/);
    }
  });

  test("refuses every truncation, an extension and nothing at all", () => {
    const sealed = sealEnvelope({ key, kid, boundTo, plaintext: "secret text" });
    for (let length = 0; length < sealed.length; length += 1) {
      expect(() => openEnvelope({ key, boundTo, sealed: sealed.subarray(0, length) })).toThrow(
        /seal\.damaged/,
      );
    }
    expect(() => openEnvelope({ key, boundTo, sealed: Buffer.concat([sealed, Buffer.alloc(1)]) })).toThrow();
  });

  test("refuses another key and tells nothing of the content", () => {
    const sealed = sealEnvelope({ key, kid, boundTo, plaintext: "secret text" });
    const open = () => openEnvelope({ key: randomBytes(32), boundTo, sealed });
    expect(open).toThrow(/^seal\.damaged: authentication failed$/);
  });
});

describe("place of a sealed value", () => {
  test("does not open in another shop, subject, purpose, field or row", () => {
    const home = place();
    const sealed = sealEnvelope({ key, kid, boundTo: placeBinding(home), plaintext: "secret" });
    const others: Partial<SealedPlace>[] = [
      { shopId: newId<ShopId>() },
      { subjectId: newId<SubjectId>() },
      { purpose: "order" },
      { field: "order.address" },
      { rowId: newId<string>() },
    ];
    for (const other of others) {
      const binding = placeBinding({ ...home, ...other });
      expect(() => openEnvelope({ key, boundTo: binding, sealed })).toThrow(/seal\.damaged/);
    }
    expect(openEnvelope({ key, boundTo: placeBinding(home), sealed }).toString()).toBe("secret");
  });

  test("is refused when it could be read in two ways", () => {
    expect(() => placeBinding(place({ field: "a|b" }))).toThrow(/seal\.bad_place/);
    expect(() => placeBinding(place({ rowId: "" }))).toThrow(/seal\.bad_place/);
  });
});

test("a key id survives as 16 bytes", () => {
  const id = newId<string>();
  expect(bytesToUuid(uuidToBytes(id))).toBe(id);
  expect(() => uuidToBytes("ord_01h")).toThrow(/seal\.bad_key_id/);
});
