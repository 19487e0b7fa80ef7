import { createHash, randomUUID } from "node:crypto";
import { link, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import type { PayoutOrder, PayoutOutcome, PayoutProvider } from "../../domain/ports/payout-provider.ts";

/** What the bank has in its book of one order; `awaited`: a person sends the money by hand. */
export type BankEntry = {
  key: string;
  attempt: number;
  amountMinor: number;
  outcome: "awaited" | "paid" | "failed";
};

/**
 * A provider of payouts whose book is a folder, so that it outlives whoever asks. It pays once under a key and attempt;
 * of every third order the answer is lost after it was carried out.
 */
export function openBank(folder: string): PayoutProvider {
  return {
    order: async (order) => {
      const isNew = await enter(folder, {
        ...order,
        amountMinor: order.money.amountMinor,
        outcome: fateOf(order),
      });
      if (isNew && draw(order, "answer") < 0.34) throw new Error("the bank's answer was lost");
      return look(folder, order);
    },
    look: (order) => look(folder, order),
  };
}

/** The first attempt of some fails for certain; the others are paid at once, or left to a person. */
function fateOf(order: PayoutOrder): BankEntry["outcome"] {
  const drawn = draw(order, "fate");
  if (order.attempt === 1 && drawn < 0.2) return "failed";
  return drawn < 0.6 ? "paid" : "awaited";
}

/** Of the order alone, whoever asks. */
function draw({ key, attempt }: PayoutOrder, what: string): number {
  const hash = createHash("sha256").update(`${key} ${attempt} ${what}`).digest();
  return hash.readUInt32BE(0) / 2 ** 32;
}

async function look(folder: string, { key, attempt }: PayoutOrder): Promise<PayoutOutcome> {
  const entry = (await readBook(folder)).find((one) => one.key === key && one.attempt === attempt);
  if (!entry) return { outcome: "unordered" };
  return entry.outcome === "failed"
    ? { outcome: "failed", failure: "provider_refused" }
    : { outcome: entry.outcome };
}

/** False: it stood there before. Whole or not at all, whoever is killed meanwhile. */
async function enter(folder: string, entry: BankEntry): Promise<boolean> {
  const { key, attempt, amountMinor, outcome } = entry;
  await mkdir(folder, { recursive: true });
  const draft = join(folder, `${randomUUID()}.draft`);
  await writeFile(draft, JSON.stringify({ key, attempt, amountMinor, outcome }));
  try {
    await link(draft, join(folder, `${key}.${attempt}.json`));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    return false;
  } finally {
    await rm(draft, { force: true });
  }
}

/** All that was ever ordered. */
export async function readBook(folder: string): Promise<BankEntry[]> {
  const names = await readdir(folder).catch(() => []);
  const entries = names.filter((name) => name.endsWith(".json"));
  return Promise.all(
    entries.map(async (name) => JSON.parse(await readFile(join(folder, name), "utf8")) as BankEntry),
  );
}
