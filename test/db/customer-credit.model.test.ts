import { afterAll, beforeAll, expect, test } from "vitest";

import { findCreditBalance, postCustomerCredit } from "../../db/customer-credits.ts";
import type { OrderId } from "../../domain/id.ts";
import { createOwnerWorld } from "../api/owner-world.ts";
import type { OwnerWorld, Tenant } from "../api/owner-world.ts";
import { fc, runs } from "../support/properties.ts";

let world: OwnerWorld;
let tenant: Tenant;
beforeAll(async () => {
  world = await createOwnerWorld();
  tenant = await world.addTenant();
});
afterAll(() => world.close());

class Short extends Error {}

type Command = { kind: "kept" | "spent" | "returned"; amountMinor: number; key: number };
const command: fc.Arbitrary<Command> = fc.record({
  kind: fc.constantFrom("kept", "spent", "spent", "returned"),
  amountMinor: fc.integer({ min: 1, max: 20 }),
  // Few keys: the same effect comes again, and beside itself.
  key: fc.nat(9),
});

test("whatever comes beside each other, the balance is the sum of its lines, each effect is one line, and it is never below zero", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(command, { maxLength: 4 }), { maxLength: 5 }), async (rounds) => {
      const customer = await world.addCustomer(tenant);
      const { shopId, customerId } = customer;
      const { orderId } = await world.addOrder(customer);
      const post = (one: Command) => run(one, { ...customer, orderId });
      const outcomes: Record<string, string[]> = {};
      for (const round of rounds) {
        const done = await Promise.all(round.map(async (one) => [effectOf(one), await post(one)] as const));
        for (const [effect, outcome] of done) (outcomes[effect] ??= []).push(outcome);
        const balance = await world.deps.db.withShop(shopId, (trx) =>
          findCreditBalance(trx, { shopId, customerId, currency: "MMK" }),
        );
        const { rows } = await world.owner.query<{ sum: number; lines: number }>(
          "select coalesce(sum(amount_minor), 0)::int as sum, count(*)::int as lines from customer_credit_lines where customer_id = $1",
          [customerId],
        );
        expect(rows).toEqual([{ sum: balance, lines: countPosted(outcomes) }]);
        expect(balance).toBeGreaterThanOrEqual(0);
      }
      for (const [effect, all] of Object.entries(outcomes)) {
        expect(all.filter((outcome) => outcome === "posted").length, effect).toBeLessThanOrEqual(1);
      }
    }),
    { numRuns: runs(25) },
  );
});

function effectOf({ kind, key }: Command): string {
  return `${kind}:${key}`;
}

function countPosted(outcomes: Record<string, string[]>): number {
  return Object.values(outcomes)
    .flat()
    .filter((outcome) => outcome === "posted").length;
}

/** As the product does it: what is short is given up whole. */
async function run(
  one: Command,
  { shopId, customerId, orderId }: Parameters<OwnerWorld["addOrder"]>[0] & { orderId: OrderId },
): Promise<string> {
  const { kind, amountMinor } = one;
  return world.worker
    .withShop(shopId, async (trx) => {
      const outcome = await postCustomerCredit(trx, {
        shopId,
        customerId,
        orderId,
        kind,
        amountMinor,
        currency: "MMK",
        effectKey: `${customerId}:${effectOf(one)}`,
        recordedBy: null,
        now: new Date(),
      });
      if (outcome === "short") throw new Short();
      return outcome;
    })
    .catch((error: unknown) => {
      if (error instanceof Short) return "short";
      throw error;
    });
}

test("of two orders that spend the same credit at once one gets it", async () => {
  const customer = await world.addCustomer(tenant);
  const orders = [await world.addOrder(customer), await world.addOrder(customer)];
  const [first] = orders;
  if (first === undefined) throw new TypeError("two were made");
  await run({ kind: "kept", amountMinor: 10, key: 0 }, { ...customer, orderId: first.orderId });
  const outcomes = await Promise.all(
    orders.map(({ orderId }, key) => run({ kind: "spent", amountMinor: 10, key }, { ...customer, orderId })),
  );
  expect(outcomes.toSorted()).toEqual(["posted", "short"]);
});
