import { expect, test } from "vitest";

import { beginGap, moveGap } from "../../domain/messenger/page-gap.ts";
import type { PageGap } from "../../domain/messenger/page-gap.ts";
import { fc, runs } from "../support/properties.ts";

const start = Date.parse("2026-11-30T00:00:00Z");
const minute = 60_000;
const opened = { key: 1, wasBroken: false, connectedAt: new Date(0) };

type Conversation = { id: number; movedAt: number };

/** Meta's list at one moment: by what moved last, cut into pieces by place. */
function listAt(conversations: Conversation[], cursor: string | null, size: number) {
  const sorted = conversations.toSorted((a, b) => b.movedAt - a.movedAt || a.id - b.id);
  const from = Number(cursor ?? 0);
  const shown = sorted.slice(from, from + size);
  return { shown, next: from + size < sorted.length ? String(from + size) : null };
}

test("a Page whose customers never stop writing is read to an end", () => {
  const now = new Date(start);
  let gap: PageGap | null = beginGap({ ...opened, lastEventAt: now, now });
  for (let calls = 0; gap !== null; calls += 1) {
    expect(calls).toBeLessThan(100);
    gap = moveGap(gap, { next: gap.calls === 0 ? "25" : null, hasPassed: false, hasFound: false }, now);
  }
});

const world = fc.record({
  /** Minutes after the gap began at which each conversation moved; some before it. */
  conversations: fc.array(fc.integer({ min: -60, max: 60 }), { minLength: 0, maxLength: 12 }),
  size: fc.integer({ min: 1, max: 4 }),
  /** Which conversation moves after each call. */
  moves: fc.array(fc.nat(11), { maxLength: 10 }),
});

test("every conversation that moved since the gap began is seen, whatever moves while it is read", () => {
  fc.assert(
    fc.property(world, ({ conversations: minutes, size, moves }) => {
      const conversations = minutes.map((at, id) => ({ id, movedAt: start + at * minute }));
      const lastEventAt = new Date(start);
      let now = start + 100 * minute;
      let gap: PageGap | null = beginGap({ ...opened, lastEventAt, now: new Date(now) });
      const missed = new Set(conversations.filter(({ movedAt }) => movedAt >= start).map(({ id }) => id));
      const seen = new Set<number>();
      const moving = [...moves];
      for (let calls = 0; gap !== null; calls += 1) {
        expect(calls).toBeLessThan(200);
        const since = Date.parse(gap.movedSince);
        const { shown, next } = listAt(conversations, gap.cursor, size);
        const fresh = shown.filter(({ movedAt }) => movedAt >= since);
        for (const { id } of fresh) seen.add(id);
        // The webhook is there again, so what moves now is told of by it: only what was missed before counts.
        now += 5 * minute;
        const mover = moving.shift();
        const moved = mover === undefined ? undefined : conversations[mover];
        if (moved) moved.movedAt = now;
        const step = { next, hasPassed: fresh.length < shown.length, hasFound: false };
        gap = moveGap(gap, step, new Date(now + minute));
      }
      expect([...missed].filter((id) => !seen.has(id))).toEqual([]);
    }),
    { numRuns: runs(300) },
  );
});
