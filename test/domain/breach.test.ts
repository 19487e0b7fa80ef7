import { expect, test } from "vitest";

import { authorityDraft, jurisdictions } from "../../domain/breach/authority-draft.ts";
import { nextBreachDeadline } from "../../domain/breach/deadlines.ts";
import type { BreachWaits } from "../../domain/breach/deadlines.ts";
import { breachText } from "../../domain/breach/notice.ts";
import { nextIncidentStates } from "../../domain/breach/states.ts";
import type { IncidentState } from "../../domain/breach/states.ts";
import { defaultBreachTimings } from "../../domain/breach/timings.ts";
import { fc } from "../support/properties.ts";

const discoveredAt = new Date("2026-11-30T00:00:00Z");
const hours = (count: number) => new Date(discoveredAt.getTime() + count * 3_600_000);
const waits = (change: Partial<BreachWaits>): BreachWaits => ({
  state: "open",
  discoveredAt,
  alarmsRaised: 0,
  approvedAt: null,
  listedAt: null,
  toldAt: null,
  receiptsReadAt: null,
  timings: defaultBreachTimings,
  ...change,
});
const notifying = { state: "notifying" as const, approvedAt: hours(5) };

test.each<[string, Partial<BreachWaits>, string, Date]>([
  ["raises the first alarm after a day", {}, "raiseAlarm", hours(24)],
  ["raises the last alarm two hours before the end", { alarmsRaised: 3 }, "raiseAlarm", hours(70)],
  ["lists who is affected as soon as two people stand behind it", notifying, "listAffected", hours(5)],
  ["then tells them", { ...notifying, listedAt: hours(6) }, "tellAffected", hours(6)],
  [
    "then looks what became of it, again and again",
    { ...notifying, listedAt: hours(6), toldAt: hours(7), receiptsReadAt: hours(8) },
    "readReceipts",
    hours(8.25),
  ],
  [
    "raises an alarm that is due before it goes on telling",
    { ...notifying, approvedAt: hours(23), listedAt: hours(25) },
    "raiseAlarm",
    hours(24),
  ],
])("%s", (_what, change, deadline, at) => {
  expect(nextBreachDeadline(waits(change))).toEqual({ deadline, at });
});

test("whatever the marks say, an incident waits for something until it ends or all alarms were raised", () => {
  const when = fc.option(fc.date({ min: discoveredAt, max: hours(1_000), noInvalidDate: true }));
  const any = fc.record({
    state: fc.constantFrom(...(Object.keys(nextIncidentStates) as IncidentState[])),
    alarmsRaised: fc.nat(4),
    approvedAt: when,
    listedAt: when,
    toldAt: when,
    receiptsReadAt: when,
  });
  fc.assert(
    fc.property(any, (change) => {
      const isSilent = nextBreachDeadline(waits(change)) === null;
      const isAtWork = change.state === "notifying" || (change.state === "open" && change.alarmsRaised < 4);
      expect(isSilent).toBe(!isAtWork);
    }),
  );
});

test("a notice says all three parts in the person's language, and the shop that they know", () => {
  const words = (mark: string) => ({
    whatHappened: `a${mark}`,
    likelyEffects: `b${mark}`,
    whatWasDone: `c${mark}`,
  });
  const notice = { en: words("1"), my: words("2") };
  const text = breachText(notice, "my", { shopName: "Shwe" });
  for (const part of ["a2", "b2", "c2", "Shwe"]) expect(text).toContain(part);
  expect(text).not.toContain("a1");
});

test("a draft names the rule, what is known, and what has still to be written", () => {
  const facts = {
    reference: "inc_1",
    kind: "lost_data" as const,
    isDrill: true,
    discoveredAt,
    dueAt: hours(72),
    data: ["orders" as const],
    affected: { customers: 7, accounts: 1 },
    containment: [],
    notifiedAt: null,
    contact: undefined,
    words: null,
  };
  for (const jurisdiction of jurisdictions) {
    const draft = authorityDraft(jurisdiction, facts);
    for (const part of [
      "THIS IS A DRILL",
      "inc_1",
      "7 customers",
      "2026-12-03T00:00:00.000Z",
      "[to be written]",
    ])
      expect(draft, jurisdiction).toContain(part);
  }
});
