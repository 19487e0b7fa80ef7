import { afterAll, beforeAll, expect, test } from "vitest";

import type { PageRow } from "../../db/pages.ts";
import { createOwnerWorld } from "../api/owner-world.ts";
import type { OwnerWorld } from "../api/owner-world.ts";
import { fc, runs } from "../support/properties.ts";
import { beginPageStory, carryOut, openToken, pageCommands, rowsOf, toldOf } from "./page-story.ts";
import type { PageCommand, PageStory } from "./page-story.ts";

let world: OwnerWorld;
beforeAll(async () => {
  world = await createOwnerWorld();
});
afterAll(() => world.close());

const minute = 60_000;
const calmMs = 25 * 60 * minute;

/** What happens at once, so long after what was before. */
type Wave = { afterMs: number; commands: PageCommand[] };

const command: fc.Arbitrary<PageCommand> = fc.record({
  what: fc.constantFrom(...pageCommands),
  shop: fc.nat(1),
  late: fc.constantFrom(0, 0, 1, 2),
});
const wave: fc.Arbitrary<Wave> = fc.record({
  afterMs: fc.constantFrom(minute, 3 * minute, calmMs),
  commands: fc.oneof(
    fc.array(command, { minLength: 1, maxLength: 2 }),
    command.map((one) => [one, one]),
  ),
});
/** Whole ways amid the noise: they pass through what chance seldom finds. What stands together happens at once. */
const wayTo = (...steps: PageCommand["what"][][]) =>
  fc.nat(1).map((shop) =>
    steps.map((whats): Wave => ({
      afterMs: 3 * minute,
      commands: whats.map((what) => ({ what, shop, late: 0 })),
    })),
  );
const ways = [
  wayTo(["connect"], ["refuse_send"], ["look"]),
  wayTo(["connect"], ["refuse_send"], ["connect"], ["refuse_send"], ["look"]),
  wayTo(["connect"], ["refuse_send"], ["connect"], ["look", "refuse_send"]),
  wayTo(["connect"], ["refuse_send"], ["connect", "look"], ["look"]).map((told) =>
    told.map((one) => (one.commands.length === 2 ? { ...one, afterMs: calmMs } : one)),
  ),
  wayTo(["connect"], ["hear"], ["disconnect"], ["connect"]),
  wayTo(["connect"], ["disconnect"], ["refuse_send"]),
  wayTo(["lose_subscription"], ["look"]),
];
const waves = fc
  .array(
    fc.oneof({ weight: 6, arbitrary: wave.map((one) => [one]) }, { weight: 5, arbitrary: fc.oneof(...ways) }),
    { minLength: 2, maxLength: 14, size: "max" },
  )
  .map((parts) => parts.flat());

async function judge(story: PageStory, before: PageRow[], { commands }: Wave): Promise<void> {
  const rows = await rowsOf(story);
  const live = rows.filter(({ state }) => state !== "disconnected");
  expect(live.length, "one shop has the Page").toBeLessThanOrEqual(1);
  const connecting = commands.filter(({ what }) => what === "connect").map(({ shop }) => story.shops[shop]);
  for (const row of rows) {
    const was = before.find(({ id }) => id === row.id);
    if (was?.state === "disconnected" && !connecting.includes(row.shop_id)) {
      expect([row.state, row.version], "who is disconnected stays so").toEqual([was.state, was.version]);
    }
    if (row.state === "disconnected") await expectGone(story, row);
    if (row.gap !== null) {
      const since = row.connected_at ?? row.created_at;
      expect(Date.parse(row.gap.from), "a gap begins with the connection").toBeGreaterThanOrEqual(
        since.getTime(),
      );
    }
    await judgeTold(story, row);
  }
}

async function expectGone(story: PageStory, row: PageRow): Promise<void> {
  const { problem, gap, refused_at, routing, person_index } = row;
  const token = await openToken(story, row);
  expect({ problem, gap, refused_at, routing, person_index, token }).toEqual({
    problem: null,
    gap: null,
    refused_at: null,
    routing: "unknown",
    person_index: null,
    token: "",
  });
}

/** Each trouble once; that it works again once, and only after a trouble; and of what is broken, that it is. */
async function judgeTold(story: PageStory, row: PageRow): Promise<void> {
  const told = await toldOf(story, row);
  const connections = story.connections.filter(({ shopId }) => shopId === row.shop_id);
  expect(told.filter(({ kind }) => kind === "deauthorised").length).toBeLessThanOrEqual(connections.length);
  const healths = told.filter(({ kind }) => kind !== "deauthorised");
  let last: (typeof healths)[number] | undefined;
  for (const each of healths) {
    const hasOwnerActed = connections.some(
      ({ from, to }) => last !== undefined && to >= last.at && from <= each.at,
    );
    const mayFollow =
      each.kind === "broken" ? last?.kind !== "broken" || hasOwnerActed : last?.kind === "broken";
    expect(mayFollow, `${last?.kind ?? "nothing"}, then ${each.kind}`).toBe(true);
    last = each;
  }
  if (row.state === "broken") expect(last?.kind, "the owner knows that it is broken").toBe("broken");
}

/** Meta is well, and the owner connects once more: everything is as it was, and the owner knows. */
async function heal(story: PageStory): Promise<void> {
  const [page] = (await rowsOf(story)).filter(({ state }) => state !== "disconnected");
  if (page === undefined) return;
  const shop = story.shops.indexOf(page.shop_id);
  story.meta.isBusy = false;
  for (const what of ["connect", "look", "look"] as const) {
    world.passTime(3 * minute);
    await carryOut(story, { what, shop, late: 0 });
  }
  const after = (await rowsOf(story)).find(({ id }) => id === page.id);
  expect(after).toMatchObject({ state: "connected", problem: null, gap: null, refused_at: null });
  const last = (await toldOf(story, page)).findLast(({ kind }) => kind !== "deauthorised");
  if (last?.kind === "broken") expect(page.connected_at?.getTime()).toBeGreaterThanOrEqual(last.at.getTime());
}

test("a Page is one shop's, is told of once, and is read from its connection on, whatever happens to it and at once", async () => {
  await fc.assert(
    fc.asyncProperty(waves, async (told) => {
      const story = await beginPageStory(world);
      for (const one of told) {
        const before = await rowsOf(story);
        world.passTime(one.afterMs);
        await Promise.all(one.commands.map((each) => carryOut(story, each)));
        await judge(story, before, one);
      }
      await heal(story);
    }),
    { numRuns: runs(30) },
  );
}, 120_000);
