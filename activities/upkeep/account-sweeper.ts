import { sweepAccountRows } from "../../db/system-account-sweep.ts";
import type { AccountRowsKept } from "../../db/system-account-sweep.ts";
import { deviceKeptDays } from "../../domain/account/device.ts";
import type { UpkeepDeps } from "./upkeep-deps.ts";

/** Nobody waits for it; what is left over goes with the next look. */
const everyMs = 60 * 60_000;
const mostRows = 500;

export const accountRowsKept: AccountRowsKept = {
  endedDays: 7,
  unprovenDays: 7,
  settledDays: 30,
  unseenDays: deviceKeptDays,
};

/** Removes what is over of accounts, now and then. Safe to run twice: what is gone is gone. */
export class AccountSweeper {
  private nextAt = 0;
  private readonly deps: Pick<UpkeepDeps, "system" | "clock">;

  constructor(deps: Pick<UpkeepDeps, "system" | "clock">) {
    this.deps = deps;
  }

  async look(): Promise<number> {
    const now = this.deps.clock.now();
    if (now.getTime() < this.nextAt) return 0;
    const removed = await sweepAccountRows(this.deps.system, { now, kept: accountRowsKept, limit: mostRows });
    this.nextAt = now.getTime() + everyMs;
    return removed;
  }
}
