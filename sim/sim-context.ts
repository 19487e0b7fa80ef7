import type { Faults } from "./faults.ts";
import type { Letters } from "./mail/letters.ts";
import type { Live } from "./live.ts";
import type { CallbackSender } from "./payments/send-callback.ts";
import type { SimLog } from "./sim-log.ts";
import type { PushAccount } from "./sim-options.ts";
import type { WebhookQueue } from "./webhooks/webhook-queue.ts";
import type { World } from "./world/world.ts";

/** What every part of the simulator works with. */
export type SimContext = {
  world: World;
  log: SimLog;
  letters: Letters;
  faults: Faults;
  live: Live;
  webhooks: WebhookQueue;
  /** Of the simulated wallet. */
  callbacks: CallbackSender;
  now: () => number;
  baseUrl: () => string;
  autoRead: boolean;
  cdnTtlMs: number;
  defaultPageId: string;
  defaultAppId: string;
  push: { account: PushAccount | null };
};
