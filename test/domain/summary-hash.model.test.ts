import { expect, test } from "vitest";
import {
  confirmPayload,
  evidencePayload,
  orderPayload,
  readTap,
} from "../../activities/conversation/payloads.ts";
import { isOwnPayload } from "../../domain/conversation/own-payload.ts";
import { newId } from "../../domain/id.ts";
import type { EvidenceId, OrderId, PaymentMethodId, VariantId } from "../../domain/id.ts";
import { currencies } from "../../domain/money.ts";
import { summaryHash } from "../../domain/order/summary-hash.ts";
import type { SummaryToHash } from "../../domain/order/summary-hash.ts";
import { fc, runs } from "../support/properties.ts";

const ids = Array.from({ length: 6 }, () => newId<string>());
const small = fc.integer({ min: 0, max: 30 });
const line = fc.record({
  variantId: fc.constantFrom(...ids) as fc.Arbitrary<VariantId>,
  quantity: fc.integer({ min: 1, max: 30 }),
  unitPriceMinor: small,
});
// Small numbers and few ids, so that two summaries are often nearly the same.
const summary: fc.Arbitrary<SummaryToHash> = fc.record({
  orderId: fc.constantFrom(...ids.slice(0, 2)) as fc.Arbitrary<OrderId>,
  lines: fc.uniqueArray(line, { minLength: 1, maxLength: 4, selector: ({ variantId }) => variantId }),
  feeMinor: small,
  discountMinor: fc.constantFrom(0, 1),
  creditMinor: fc.constantFrom(0, 1),
  totalMinor: small,
  currency: fc.constantFrom(...currencies),
  addressVersion: fc.constantFrom(1, 2, 11),
  paymentMethodId: fc.constantFrom(...ids.slice(2, 4)) as fc.Arbitrary<PaymentMethodId>,
});

/** All that a customer sees of a summary, in one form. */
function seen({ lines, ...rest }: SummaryToHash): string {
  const goods = lines.map(
    ({ variantId, quantity, unitPriceMinor }) => `${variantId}=${quantity}x${unitPriceMinor}`,
  );
  const others = Object.entries(rest).map(([field, value]) => `${field}=${value}`);
  return JSON.stringify([goods.toSorted(), others.toSorted()]);
}

test("two summaries have one hash exactly when a customer sees the same", () => {
  fc.assert(
    fc.property(summary, summary, (left, right) => {
      expect(summaryHash(left) === summaryHash(right)).toBe(seen(left) === seen(right));
    }),
    { numRuns: runs(1_000) },
  );
});

test("one change anywhere gives another hash, and the change taken back the first one", () => {
  const change = fc.oneof(
    fc.record({
      field: fc.constantFrom("feeMinor", "discountMinor", "totalMinor", "addressVersion"),
      by: fc.integer({ min: 1, max: 5 }),
    }),
    fc.record({ field: fc.constantFrom("quantity", "unitPriceMinor"), by: fc.integer({ min: 1, max: 5 }) }),
  );
  fc.assert(
    fc.property(summary, change, (before, { field, by }) => {
      const changed = (sign: number, of: SummaryToHash): SummaryToHash =>
        field === "quantity" || field === "unitPriceMinor"
          ? {
              ...of,
              lines: of.lines.map((line, at) =>
                at === 0 ? { ...line, [field]: line[field] + sign * by } : line,
              ),
            }
          : { ...of, [field]: of[field] + sign * by };
      const after = changed(1, before);
      expect(summaryHash(after)).not.toBe(summaryHash(before));
      expect(summaryHash(changed(-1, after))).toBe(summaryHash(before));
    }),
    { numRuns: runs(500) },
  );
});

test("the order of lines and of keys, and a copy through JSON, change nothing", () => {
  fc.assert(
    fc.property(summary, (summary) => {
      const turned = Object.fromEntries(Object.entries(summary).toReversed()) as SummaryToHash;
      const lines = summary.lines.map(
        (line) => Object.fromEntries(Object.entries(line).toReversed()) as typeof line,
      );
      const copy = JSON.parse(JSON.stringify({ ...turned, lines: lines.toReversed() })) as SummaryToHash;
      expect(summaryHash(copy)).toBe(summaryHash(summary));
    }),
  );
});

test("a button says what it was made for", () => {
  fc.assert(
    fc.property(fc.uuid({ version: 7 }), fc.uuid({ version: 7 }), summary, (first, second, summary) => {
      const [orderId, evidenceId, hash] = [first as OrderId, second as EvidenceId, summaryHash(summary)];
      expect(readTap(confirmPayload(orderId, hash))).toEqual({ kind: "confirm", orderId, hash });
      for (const kind of ["change", "cancel", "keep"] as const) {
        expect(readTap(orderPayload(kind, orderId))).toEqual({ kind, orderId });
      }
      const payload = evidencePayload(evidenceId, orderId);
      expect(readTap(payload)).toEqual({ kind: "evidence", evidenceId, orderId });
      expect([payload, confirmPayload(orderId, hash)].every(isOwnPayload)).toBe(true);
      expect(payload.length).toBeLessThan(1_000);
    }),
  );
});

test("a payload that somebody made up is a whole tap or none, and never throws", () => {
  const order = orderPayload("cancel", newId()).slice("cancel:".length);
  const piece = fc.constantFrom(
    "confirm",
    "cancel",
    "evidence",
    "person",
    "__proto__",
    order,
    "a".repeat(32),
    "",
    "\u0000",
    "ord_",
    "🙂",
  );
  const madeUp = fc.oneof(
    fc.array(piece, { maxLength: 5 }).map((pieces) => pieces.join(":")),
    fc.string(),
  );
  fc.assert(
    fc.property(madeUp, (payload) => {
      const tap = readTap(payload);
      if (tap === undefined) return;
      if ("orderId" in tap) expect(tap.orderId).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
      if (tap.kind === "confirm") expect(tap.hash).toMatch(/^[0-9a-f]{32}$/);
    }),
    { numRuns: runs(500) },
  );
});
