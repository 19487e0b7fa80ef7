import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { eventually } from "../../test/support/eventually.ts";
import type { ArmedFailpoints } from "./failpoints.ts";
import type { FromPart, ToPart } from "./part.ts";

const program = fileURLToPath(new URL("./part.ts", import.meta.url));
const restartAfterMs = 300;
const readyWithinMs = 90_000;

export type MemberOptions = {
  kind: "api" | "worker" | "sim";
  name: string;
  env: NodeJS.ProcessEnv;
  logFile: string;
  onEnd: (end: MemberEnd) => void;
};

/** `isMeant`: somebody killed or stopped it. `wasReady`: it had come up. */
export type MemberEnd = { name: string; how: string; isMeant: boolean; wasReady: boolean };

/** A process of the product that starts again whenever it ends, unless it is held down. */
export class Member {
  readonly name: string;
  private readonly options: MemberOptions;
  private child: ChildProcess | undefined;
  private isReady = false;
  private isHeld = true;
  private isMeant = false;
  private armed: ArmedFailpoints | null = null;
  private cameUp = false;
  private starts = 0;

  constructor(options: MemberOptions) {
    this.options = options;
    this.name = options.name;
  }

  get pid(): number | undefined {
    return this.child?.pid;
  }

  /** How often it was started. */
  get startCount(): number {
    return this.starts;
  }

  start(): void {
    this.isHeld = false;
    if (!this.child) this.launch();
  }

  async ready(): Promise<void> {
    await eventually(`${this.name} is ready`, () => this.isReady, readyWithinMs);
  }

  /** `kill -9`; it comes back by itself. */
  kill(): void {
    this.isReady = false;
    this.isMeant = true;
    this.child?.kill("SIGKILL");
  }

  /** Kills it and keeps it down until `start`. */
  hold(): void {
    this.isHeld = true;
    this.kill();
  }

  /** The machine stands still for it: after this long it goes on as if nothing had been. */
  async freeze(ms: number): Promise<void> {
    const { child } = this;
    child?.kill("SIGSTOP");
    await wait(ms);
    child?.kill("SIGCONT");
  }

  /** Lies in wait also in the process that comes after this one. */
  arm(failpoints: ArmedFailpoints | null): void {
    this.armed = failpoints;
    this.tell({ arm: failpoints });
  }

  stepClock(clockOffsetMs: number): void {
    this.tell({ clockOffsetMs });
  }

  /** As a deploy does: what is in flight is finished. */
  async stop(): Promise<void> {
    this.isHeld = true;
    this.isMeant = true;
    this.child?.kill("SIGTERM");
    await eventually(`${this.name} has ended`, () => this.child === undefined, 40_000).catch(() => {
      this.child?.kill("SIGKILL");
    });
  }

  private tell(message: ToPart): void {
    if (this.child?.connected) this.child.send(message, () => undefined); // it may have died meanwhile
  }

  private launch(): void {
    const { kind, name, env, logFile, onEnd } = this.options;
    const log = openSync(logFile, "a");
    const child = spawn(process.execPath, ["--import", "tsx", program, kind, name], {
      env,
      stdio: ["ignore", log, log, "ipc"],
      detached: true, // Ctrl-C in the terminal reaches the campaign alone, which stops all in order
    });
    closeSync(log);
    this.child = child;
    this.starts += 1;
    this.tell({ arm: this.armed });
    child.on("message", (_message: FromPart) => {
      this.isReady = true;
      this.cameUp = true;
    });
    child.once("exit", (code, signal) => {
      onEnd({ name, how: signal ?? `exit code ${code}`, isMeant: this.isMeant, wasReady: this.cameUp });
      this.child = undefined;
      this.isReady = false;
      this.isMeant = false;
      this.cameUp = false;
      setTimeout(() => {
        if (!this.isHeld && !this.child) this.launch();
      }, restartAfterMs);
    });
  }
}
