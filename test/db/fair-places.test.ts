import { expect, onTestFinished, test } from "vitest";

import { FairPlaces } from "../../db/fair-places.ts";
import { newId } from "../../domain/id.ts";
import type { ShopId } from "../../domain/id.ts";
import { fc } from "../support/properties.ts";

const flooded = newId<ShopId>();
const quiet = newId<ShopId>();
const third = newId<ShopId>();

/** Work that lasts until it is told to end. */
class Works {
  readonly begun: string[] = [];
  readonly ended: Promise<unknown>[] = [];
  private readonly ends = new Map<string, () => void>();
  private readonly places: FairPlaces;

  constructor(places: FairPlaces) {
    this.places = places;
  }

  ask(holder: ShopId | null, name: string): void {
    const work = () => {
      this.begun.push(name);
      return new Promise<void>((resolve) => this.ends.set(name, resolve));
    };
    this.ended.push(this.places.run(holder, work));
  }

  async end(name: string): Promise<void> {
    this.ends.get(name)?.();
    this.ends.delete(name);
    await steps();
  }

  running(): string[] {
    return [...this.ends.keys()];
  }

  /** Else whoever waits is told much later, in the middle of another test, that there is no place. */
  async endAll(): Promise<void> {
    for (let [name] = this.running(); name !== undefined; [name] = this.running()) await this.end(name);
    await Promise.all(this.ended);
  }
}

/** Until everything that waits for nothing but promises has happened. */
const steps = () => new Promise((resolve) => setImmediate(resolve));

function open(places: number): Works {
  const works = new Works(new FairPlaces({ places, waitMs: 60_000 }));
  onTestFinished(() => works.endAll());
  return works;
}

test("gives one shop half of the places at most, and another shop one at once", async () => {
  const works = open(4);
  for (const name of ["a1", "a2", "a3"]) works.ask(flooded, name);
  works.ask(quiet, "b1");
  await steps();
  expect(works.begun).toEqual(["a1", "a2", "b1"]);
});

test("deals the places that come free out to the shops in turn", async () => {
  const works = open(2);
  works.ask(third, "c1");
  works.ask(quiet, "b1");
  for (const name of ["a1", "a2", "a3"]) works.ask(flooded, name);
  works.ask(third, "c2");
  works.ask(quiet, "b2");
  await steps();
  for (const name of ["c1", "b1", "a1", "c2", "b2"]) await works.end(name);
  expect(works.begun).toEqual(["c1", "b1", "a1", "c2", "b2", "a2"]);
});

test("limits work for all shops by nothing but the places", async () => {
  const works = open(4);
  for (const name of ["n1", "n2", "n3", "n4", "n5"]) works.ask(null, name);
  await steps();
  expect(works.begun).toEqual(["n1", "n2", "n3", "n4"]);
});

test("tells whoever waits too long that there is no place, and keeps none for them", async () => {
  const places = new FairPlaces({ places: 1, waitMs: 1 });
  const works = new Works(places);
  works.ask(flooded, "a1");
  await expect(places.run(quiet, () => Promise.resolve("never"))).rejects.toMatchObject({
    kind: "unavailable",
    code: "db.away",
  });
  expect(places.waiting()).toBe(0);
  await works.end("a1");
  expect(await places.run(quiet, () => Promise.resolve("later"))).toBe("later");
});

test("gives the place of work that failed to the next", async () => {
  const places = new FairPlaces({ places: 1, waitMs: 60_000 });
  const failing = places.run(flooded, () => Promise.reject(new Error("broken")));
  const next = places.run(flooded, () => Promise.resolve("next"));
  await expect(failing).rejects.toThrow("broken");
  expect(await next).toBe("next");
});

test("fills every place that somebody may have, and forgets nobody", async () => {
  const holders = fc.constantFrom(flooded, quiet, third, null);
  const step = fc.oneof(
    holders.map((holder) => ({ kind: "ask" as const, holder })),
    fc.nat().map((which) => ({ kind: "end" as const, which })),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 6 }),
      fc.array(step, { maxLength: 60 }),
      async (size, list) => {
        const works = open(size);
        const holderOf = new Map<string, ShopId | null>();
        for (const [index, step] of list.entries()) {
          const running = works.running();
          if (step.kind === "ask") {
            holderOf.set(String(index), step.holder);
            works.ask(step.holder, String(index));
          } else if (running.length > 0) await works.end(running[step.which % running.length] ?? "");
          await steps();
          checkPlaces(works, { size, holderOf });
        }
        await works.endAll();
        expect(works.begun).toHaveLength(holderOf.size);
      },
    ),
  );
});

function checkPlaces(
  works: Works,
  { size, holderOf }: { size: number; holderOf: Map<string, ShopId | null> },
): void {
  const running = works.running();
  expect(running.length).toBeLessThanOrEqual(size);
  const most = Math.max(1, Math.floor(size / 2));
  const held = (shop: ShopId | null) => running.filter((name) => holderOf.get(name) === shop).length;
  for (const shop of [flooded, quiet, third]) expect(held(shop)).toBeLessThanOrEqual(most);
  if (running.length === size) return;
  for (const [name, shop] of holderOf) {
    const mayBegin = shop === null || held(shop) < most;
    if (mayBegin) expect(works.begun).toContain(name);
  }
}
