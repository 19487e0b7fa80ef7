import { expect, test } from "vitest";

import { accessKinds, judgeSignOff } from "../../domain/access/access-review.ts";
import type { Access } from "../../domain/access/access-review.ts";
import { fc } from "../support/properties.ts";

const access = fc.record<Access>({
  kind: fc.constantFrom(...accessKinds),
  id: fc.constantFrom("a", "b", "c"),
  detail: fc.constantFrom("owner", "viewer", "a b"),
});
const list = fc.uniqueArray(access, { selector: (one) => JSON.stringify(one), maxLength: 8 });

test("a sign-off is complete when it speaks of each access once, and removes what it says", () => {
  fc.assert(
    fc.property(list, fc.infiniteStream(fc.boolean()), (current, stays) => {
      const said = current.map((one) => {
        const decision = stays.next().value === true ? ("keep" as const) : ("remove" as const);
        return { ...one, decision };
      });
      const removed = said.filter(({ decision }) => decision === "remove");
      expect(judgeSignOff(current, said.toReversed())).toEqual({
        outcome: "complete",
        removed: removed.toReversed(),
      });
    }),
  );
});

test("one that leaves out, adds, repeats or has another role differs", () => {
  fc.assert(
    fc.property(list, access, fc.nat(), (current, other, at) => {
      const said = current.map((one) => ({ ...one, decision: "keep" as const }));
      const isNew = !current.some((one) => JSON.stringify(one) === JSON.stringify(other));
      if (isNew)
        expect(judgeSignOff(current, [...said, { ...other, decision: "keep" }]).outcome).toBe("differs");
      const [one] = said.slice(at % Math.max(1, said.length));
      if (one === undefined) return;
      const others = said.filter((each) => each !== one);
      expect(judgeSignOff(current, others).outcome).toBe("differs");
      expect(judgeSignOff(current, [...said, one]).outcome).toBe("differs");
      expect(judgeSignOff(current, [...others, { ...one, detail: "manager" }]).outcome).toBe("differs");
    }),
  );
});
