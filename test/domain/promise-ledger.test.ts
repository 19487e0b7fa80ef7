import { expect, test } from "vitest";

import {
  ledgerCounts,
  passedIds,
  renderCounts,
  renderLedger,
  withCounts,
} from "../support/promise-ledger.ts";
import type { IdLists, PromiseTexts } from "../support/promise-ledger.ts";

const ids: IdLists = { P: { AB: ["01", "02", "03", "04", "05"] }, M: { CD: ["01", "02"] } };
const texts: PromiseTexts = {
  policies: { AB: "A and B" },
  texts: { AB: { "01": "One", "02": "Two", "03": "Three", "04": "Four", "05": "Five" } },
  beyond: { "AB-02": "the contract" },
  outside: { "AB-03": "a choice" },
  waits: { bookings: ["AB-04"] },
  otherwise: "later",
};
/** Put together, since the check reads this file too. */
const promise = (number: string) => ["P", `AB-${number}`].join(":");
const mission = (number: string) => ["M", `CD-${number}`].join(":");
const carried: Record<string, string[]> = {
  [promise("01")]: ["test/a.test.ts"],
  [promise("02")]: ["test/a.test.ts", "test/b.test.ts"],
  [promise("03")]: ["test/a.test.ts"],
  [mission("02")]: ["test/b.test.ts"],
};
const tests = (id: string) => carried[id] ?? [];

test("a promise is kept, kept in part, not yet, or no software's", () => {
  const page = renderLedger(ids, texts, tests);
  const cells = page.split("\n").flatMap((line) => {
    const row = line.split("|").map((cell) => cell.trim());
    return row[1]?.startsWith("AB-") ? [row.slice(1, 5)] : [];
  });
  expect(cells).toEqual([
    ["AB-01", "One", "kept", "`test/a.test.ts`"],
    ["AB-02", "Two", "partly", "`test/a.test.ts`, `test/b.test.ts`; not software's: the contract"],
    ["AB-03", "Three", "out of software", "a choice"],
    ["AB-04", "Four", "not yet", "waits for bookings"],
    ["AB-05", "Five", "not yet", "waits for later"],
  ]);
});

test("the counts of every list stand between the page's marks, whatever stood there", () => {
  const counts = ledgerCounts(ids, texts, tests);
  expect(counts).toEqual([
    { list: "A and B, policy", counts: { kept: 1, partly: 1, "not yet": 2, "out of software": 1 } },
    { list: "CD, mission", counts: { kept: 1, partly: 0, "not yet": 1, "out of software": 0 } },
  ]);
  const page = "# Top\n<!-- promises:begin -->\nold\n<!-- promises:end -->\nEnd\n";
  const written = withCounts(page, renderCounts(counts));
  expect(written).toContain("| all             | 2    | 1      | 3       | 1               |");
  expect(written).not.toContain("old");
  expect(withCounts(written, renderCounts(counts))).toBe(written);
  expect(() => withCounts("# Top", "")).toThrow("promises:begin");
});

test("a promise without words is refused", () => {
  expect(() => renderLedger({ ...ids, P: { AB: ["06"] } }, texts, tests)).toThrow("AB-06");
});

test("of a report only tests that passed count", () => {
  const report = {
    testResults: [
      {
        name: "a",
        assertionResults: [
          { fullName: `door ${promise("01")} ${mission("01")} opens`, status: "passed" },
          { fullName: `${promise("02")} closes`, status: "failed" },
          { fullName: `${promise("04")} waits`, status: "skipped" },
        ],
      },
    ],
  };
  expect([...passedIds(report).keys()]).toEqual([promise("01"), mission("01")]);
});
