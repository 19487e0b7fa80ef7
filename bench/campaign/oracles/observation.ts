import type { TestShop } from "../../../test/support/house.ts";
import type { SeenOutside } from "../../../test/support/outside.ts";
import type { AskedDecision } from "../ask-again.ts";
import type { CustomerDiary } from "../customers.ts";
import type { OwnerDiary } from "../owners.ts";
import type { Rows, Town } from "../town.ts";

/** A promise that was broken, and whom or what to look at to see how. */
export type Violation = {
  invariant: string;
  what: string;
  psid?: string | undefined;
  orderId?: string | undefined;
};

export type SeenCustomer = CustomerDiary & { messages: SeenOutside[] };
export type SeenShop = { shop: TestShop; canary: string; owner: OwnerDiary };

/** What of a system the oracles look into. */
export type SeenTown = Pick<Town, "core" | "outside" | "paths" | "restores" | "rows" | "taskQueue">;

/** All that can be seen from outside when everything is at rest: what customers saw, what people did, what is stored. */
export type Observation = {
  town: SeenTown;
  shops: SeenShop[];
  customers: SeenCustomer[];
  /** What the platform's admins asked for. */
  platform: AskedDecision[];
  rows: Rows;
};

export type Oracle = (seen: Observation) => Promise<Violation[]>;

export async function observe(
  town: SeenTown,
  people: { shops: SeenShop[]; diaries: CustomerDiary[]; platform: AskedDecision[] },
): Promise<Observation> {
  const customers = [];
  for (const diary of people.diaries) {
    customers.push({ ...diary, messages: await town.outside.messages(diary.pageId, diary.psid) });
  }
  const { shops, platform } = people;
  return { town, shops, customers, platform, rows: town.rows };
}
