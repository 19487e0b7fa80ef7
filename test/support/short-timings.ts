import { defaultConversationTimings } from "../../domain/conversation/timings.ts";
import type { ConversationTimings } from "../../domain/conversation/timings.ts";
import { defaultOrderTimings } from "../../domain/order/timings.ts";
import type { OrderTimings } from "../../domain/order/timings.ts";
import { defaultPayoutTimings } from "../../domain/payout/timings.ts";
import type { PayoutTimings } from "../../domain/payout/timings.ts";
import { defaultUpgradeTimings } from "../../domain/subscription/timings.ts";
import type { UpgradeTimings } from "../../domain/subscription/timings.ts";

/** The same code in seconds: bursts and retries are short, deadlines of people stay long unless a test sets them. */
export const shortConversationTimings: ConversationTimings = {
  ...defaultConversationTimings,
  quietMs: 150,
  maxBurstMs: 1_000,
  modelCallMs: 5_000,
  idleEndMs: 60_000,
  turnTimeoutMs: 30_000,
  turnHeartbeatMs: 2_000,
  retryMs: 100,
};

export const shortOrderTimings: OrderTimings = {
  ...defaultOrderTimings,
  expiryGraceMs: 300,
  activityTimeoutMs: 10_000,
  activityRetryMs: 100,
};

export const shortUpgradeTimings: UpgradeTimings = {
  ...defaultUpgradeTimings,
  activityTimeoutMs: 10_000,
  activityRetryMs: 100,
};

export const shortPayoutTimings: PayoutTimings = {
  ...defaultPayoutTimings,
  activityTimeoutMs: 10_000,
  activityRetryMs: 100,
};
