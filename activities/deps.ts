import type { Database } from "../db/connection.ts";
import type { Clock } from "../domain/clock.ts";
import type { ModelPrice } from "../domain/credit/rates.ts";
import type { Invoicing } from "../domain/invoice/invoice.ts";
import type { AttachmentFetcher } from "../domain/ports/attachment-fetcher.ts";
import type { ImageProcessor } from "../domain/ports/image-processor.ts";
import type { MessengerClient } from "../domain/ports/messenger-client.ts";
import type { ModelClient } from "../domain/ports/model-client.ts";
import type { MerchantAccount, PaymentGateways } from "../domain/ports/payment-gateway.ts";
import type { ObjectStore } from "../domain/ports/object-store.ts";
import type { Processes } from "../domain/ports/processes.ts";
import type { PushClient } from "../domain/ports/push-client.ts";
import type { Trace } from "../domain/ports/trace.ts";
import type { PrivacyProfile } from "../domain/privacy/due-date.ts";
import type { BlindIndexer, Sealer } from "../domain/sealing.ts";

export type Log = {
  info(fields: LogFields, event: string): void;
  warn(fields: LogFields, event: string): void;
  error(fields: LogFields, event: string): void;
};
/** Ids, codes and numbers; never a person's words or data. */
export type LogFields = Record<string, unknown>;

/** All that activities reach of the world. */
export type ActivityDeps = {
  db: Database;
  clock: Clock;
  sealer: Sealer;
  blindIndexer: BlindIndexer;
  objects: ObjectStore;
  images: ImageProcessor;
  attachments: AttachmentFetcher;
  messenger: MessengerClient;
  model: ModelClient;
  /** For the turn's record. */
  modelName: string;
  modelPrice: ModelPrice;
  push: PushClient;
  gateways: PaymentGateways;
  /** Into which owners pay by code; null: they pay by transfer. */
  platformMerchant: MerchantAccount | null;
  /** For invoices that are issued from now on. */
  invoicing: Invoicing;
  processes: Processes;
  /** Public address of this API, under which Meta fetches product pictures. */
  publicUrl: string;
  /** Named in every mail; absent: no mail names one. */
  supportEmail?: string | undefined;
  /** Absent: by the country of the shop. */
  privacyProfile?: PrivacyProfile | undefined;
  outbox: OutboxSettings;
  log: Log;
  trace: Trace;
  /** Named inner steps, where tests stop the process; does nothing otherwise. */
  atStep(step: string): Promise<void>;
};

/** Milliseconds. */
export type OutboxSettings = {
  /** One sender has the conversation this long; longer than one send. */
  leaseMs: number;
  /** A send whose answer was lost waits this long for the echo before Messenger is asked. */
  echoWaitMs: number;
  /** How long to wait before asking again when Messenger could not say. */
  askAgainMs: number;
};

export const defaultOutboxSettings: OutboxSettings = {
  leaseMs: 20_000,
  echoWaitMs: 10_000,
  askAgainMs: 60_000,
};
