import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";

import { AppError } from "../../domain/app-error.ts";

/** What happens at a failpoint: the process dies, the step fails as an outage would, or it stands still for a while. */
export type FailAction = "kill" | "fail" | "stall";
/** Strikes at whichever is passed first; `skip`: so many passes go well before. */
export type ArmedFailpoints = { names: readonly string[]; action: FailAction; skip: number };
export type Strike = { at: number; process: string; name: string; action: FailAction };

const stallMs = 7_000;

/** The failpoints of one process: armed by its parent, written down before they strike. */
export class Failpoints {
  private readonly process: string;
  private readonly journal: string;
  private armed: ArmedFailpoints | undefined;

  constructor(options: { process: string; journal: string }) {
    this.process = options.process;
    this.journal = options.journal;
  }

  arm(failpoints: ArmedFailpoints | undefined): void {
    this.armed = failpoints && { ...failpoints };
  }

  async pass(name: string): Promise<void> {
    const { armed } = this;
    if (!armed?.names.includes(name) || armed.skip-- > 0) return;
    this.armed = undefined;
    const strike: Strike = { at: Date.now(), process: this.process, name, action: armed.action };
    // Written at once: whoever is killed says nothing afterwards.
    appendFileSync(this.journal, `${JSON.stringify(strike)}\n`);
    await act(armed.action, name);
  }
}

async function act(action: FailAction, name: string): Promise<void> {
  switch (action) {
    case "kill":
      process.kill(process.pid, "SIGKILL");
      return new Promise(() => undefined); // nothing more runs in this process
    case "stall":
      await wait(stallMs);
      return;
    case "fail":
      throw new AppError("unavailable", "campaign.failpoint", {
        internal: `failed at ${name}`,
        retryAfterSeconds: 1,
      });
  }
}

/** What has struck so far, oldest first. */
export function readStrikes(journal: string): Strike[] {
  if (!existsSync(journal)) return [];
  const lines = readFileSync(journal, "utf8").split("\n").filter(Boolean);
  return lines.map((line) => JSON.parse(line) as Strike);
}
