import type { TestShop } from "../../../test/support/house.ts";
import type { SeenOutside } from "../../../test/support/outside.ts";
import type { AskedDecision } from "../ask-again.ts";
import type { BankEntry } from "../bank.ts";
import type { CustomerDiary } from "../customers.ts";
import type { OwnerDiary } from "../owners.ts";
import type { HandTransfer } from "../payouts.ts";
import type { Rows, Town } from "../town.ts";
import { Wallet } from "../wallet.ts";
import type { WalletPayment } from "../wallet.ts";

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
export type SeenTown = Pick<Town, "core" | "outside" | "paths" | "restores" | "rows" | "sim" | "taskQueue">;

/** All that can be seen from outside when everything is at rest: what customers saw, what people did, what is stored. */
export type Observation = {
  town: SeenTown;
  shops: SeenShop[];
  customers: SeenCustomer[];
  /** What the platform's admins asked for. */
  platform: AskedDecision[];
  /** What they sent by hand, and what the bank has carried out. */
  byHand: HandTransfer[];
  bank: BankEntry[];
  /** What the simulated wallet took and gave back. */
  wallet: WalletPayment[];
  rows: Rows;
};

export type Oracle = (seen: Observation) => Promise<Violation[]>;

type SeenPeople = Pick<Observation, "shops" | "platform" | "byHand" | "bank"> & { diaries: CustomerDiary[] };

export async function observe(town: SeenTown, people: SeenPeople): Promise<Observation> {
  const customers = [];
  for (const diary of people.diaries) {
    customers.push({ ...diary, messages: await town.outside.messages(diary.pageId, diary.psid) });
  }
  const { shops, platform, byHand, bank } = people;
  const wallet = await new Wallet(town).payments();
  return { town, shops, customers, platform, byHand, bank, wallet, rows: town.rows };
}
