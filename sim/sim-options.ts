import type { KeyObject } from "node:crypto";

/** A Meta app: who receives webhooks, and whose secret signs them. */
export type AppOptions = {
  appId: string;
  appSecret: string;
  verifyToken: string;
  webhookUrl: string;
};

export type PageOptions = { id: string; name: string; accessToken: string };

/** The Firebase service account whose assertions are accepted at `POST /token`. */
export type PushAccount = { projectId: string; clientEmail: string; publicKey: string | KeyObject };

export type WebhookTimings = {
  /** Meta gives up on an answer after five seconds. */
  answerTimeoutMs: number;
  firstRetryMs: number;
  maxRetryMs: number;
  /** After so long a failure the app is unsubscribed from the Page and the event is dropped, as at Meta. */
  giveUpAfterMs: number;
};

export type SimOptions = AppOptions & {
  /** The demonstration Page; further ones come by `POST /pages`. */
  page: PageOptions;
  /** Folder for everything that must outlive the process; nothing is kept without it. */
  stateDir?: string;
  push?: PushAccount;
  /** The wallet's first merchant; further ones come by `PUT /payments/merchants/{merchantCode}`. */
  merchant?: { appId: string; merchantCode: string; merchantKey: string };
  now?: () => number;
  /** Names besides the loopback ones by which the simulators may be addressed. */
  allowedHosts?: string[];
  /** How long the model thinks in its mode `slow`. */
  modelSlowMs?: number;
  webhookTimings?: Partial<WebhookTimings>;
  /** True: customers read each message as soon as it arrives. Default false: they read on the chat page. */
  autoRead?: boolean;
  /** Lifetime of picture links; Meta's measured one is about 35 hours. */
  cdnTtlMs?: number;
  /** Where the product reaches the simulator; known after listening, so a function. */
  baseUrl?: () => string;
};

export const defaultWebhookTimings: WebhookTimings = {
  answerTimeoutMs: 5_000,
  firstRetryMs: 200,
  maxRetryMs: 5_000,
  giveUpAfterMs: 3_600_000,
};
