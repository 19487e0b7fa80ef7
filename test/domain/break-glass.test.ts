import { describe, expect, test } from "vitest";

import { readBreakGlassAddress } from "../../domain/access/break-glass-reads.ts";
import {
  breakGlassEnd,
  breakGlassRequestMs,
  breakGlassState,
  longestBreakGlassMinutes,
  whyNotDecideBreakGlass,
} from "../../domain/access/break-glass.ts";
import type { BreakGlassTimes } from "../../domain/access/break-glass.ts";
import { newId } from "../../domain/id.ts";
import type { AccountId } from "../../domain/id.ts";
import { fc } from "../support/properties.ts";

const minute = 60_000;
const start = Date.parse("2026-11-30T08:00:00Z");
const people = [newId<AccountId>(), newId<AccountId>(), newId<AccountId>()];
const [asks = newId<AccountId>()] = people;

type Step = { act: "approve" | "refuse" | "revoke" | "tell"; by: number; afterMs: number };

const steps = fc.array(
  fc.record<Step>({
    act: fc.constantFrom("approve", "approve", "refuse", "revoke", "tell", "tell"),
    by: fc.nat(2),
    afterMs: fc.oneof(fc.nat(5 * minute), fc.nat(26 * 60 * minute)),
  }),
  { maxLength: 6 },
);

/** The commands as the rows carry them out. */
function carryOut(
  grant: BreakGlassTimes,
  step: Step,
  { minutes, now }: { minutes: number; now: Date },
): BreakGlassTimes {
  const state = breakGlassState(grant, now);
  if (step.act === "tell") return state === "approved" ? { ...grant, toldAt: now } : grant;
  if (step.act === "revoke") {
    const isAlive = state === "requested" || state === "approved" || state === "open";
    return isAlive ? { ...grant, revokedAt: now } : grant;
  }
  const by = people[step.by] ?? asks;
  if (whyNotDecideBreakGlass(grant, { by, now }) !== null) return grant;
  if (step.act === "refuse") return { ...grant, decidedBy: by, refusedAt: now };
  return { ...grant, decidedBy: by, approvedAt: now, endsAt: breakGlassEnd(minutes, now) };
}

describe("a grant", () => {
  test("is open for an hour at most, after another person and word to the owner, and never again", () => {
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 500 }), (story, minutes) => {
        let grant: BreakGlassTimes = {
          requestedBy: asks,
          requestedAt: new Date(start),
          decidedBy: null,
          approvedAt: null,
          refusedAt: null,
          toldAt: null,
          endsAt: null,
          revokedAt: null,
        };
        let now = start;
        let hasEnded = false;
        for (const step of story) {
          now += step.afterMs;
          grant = carryOut(grant, step, { minutes, now: new Date(now) });
          const state = breakGlassState(grant, new Date(now));
          if (hasEnded) expect(["ended", "refused", "lapsed"]).toContain(state);
          hasEnded ||= state === "ended" || state === "refused" || state === "lapsed";
          if (state !== "open") continue;
          expect(grant.decidedBy).not.toBe(asks);
          expect(grant.toldAt).not.toBeNull();
          const since = grant.approvedAt?.getTime() ?? 0;
          expect(now - since).toBeLessThan(longestBreakGlassMinutes * minute);
          expect(since - start).toBeLessThan(breakGlassRequestMs);
        }
      }),
    );
  });

  test("ends at the second, and a request lapses after a day", () => {
    const requested = { requestedBy: asks, requestedAt: new Date(start), refusedAt: null, revokedAt: null };
    const none = { ...requested, decidedBy: null, approvedAt: null, toldAt: null, endsAt: null };
    const day = new Date(start + breakGlassRequestMs);
    expect(breakGlassState(none, new Date(day.getTime() - 1))).toBe("requested");
    expect(breakGlassState(none, day)).toBe("lapsed");
    const endsAt = breakGlassEnd(60, new Date(start));
    expect(breakGlassEnd(61, new Date(start))).toEqual(endsAt);
    const open = {
      ...none,
      decidedBy: people[1] ?? asks,
      approvedAt: new Date(start),
      toldAt: new Date(start),
      endsAt,
    };
    expect(breakGlassState(open, new Date(start + 60 * minute - 1))).toBe("open");
    expect(breakGlassState(open, new Date(start + 60 * minute))).toBe("ended");
  });

  test("opens a closed list of reads", () => {
    const read = (method: string, path: string, query = "") =>
      readBreakGlassAddress(method, path, new URLSearchParams(query));
    const cus = "cus_01h455vb4pex5vsknk084sn02q";
    expect(read("GET", `/v1/conversations/${cus}/messages`)).toMatchObject({ customerId: cus });
    expect(read("GET", "/v1/orders", `customerId=${cus}`)).toMatchObject({
      customerId: cus,
      scope: "orders.read",
    });
    expect(read("GET", "/v1/orders", `customerId=${cus}&customerId=cus_x`)).toMatchObject({
      customerId: null,
    });
    for (const path of ["/v1/members", "/v1/conversations/", `/v1/pictures/${cus}`, "/v1/orders/x"])
      expect(read("GET", path), path).toBeUndefined();
    for (const method of ["POST", "PUT", "HEAD"]) expect(read(method, "/v1/orders")).toBeUndefined();
  });
});
