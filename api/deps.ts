import type { Logger } from "pino";

import type { CachingSealer } from "../clients/sealer.ts";
import type { AdminDatabase } from "../db/admin-database.ts";
import type { Database } from "../db/connection.ts";
import type { SystemDatabase } from "../db/system-database.ts";
import type { Clock } from "../domain/clock.ts";
import type { MessengerClient } from "../domain/ports/messenger-client.ts";
import type { MetaLogin } from "../domain/ports/meta-login.ts";
import type { ImageProcessor } from "../domain/ports/image-processor.ts";
import type { ObjectStore } from "../domain/ports/object-store.ts";
import type { MerchantAccount } from "../domain/ports/payment-gateway.ts";
import type { Processes } from "../domain/ports/processes.ts";
import type { Trace } from "../domain/ports/trace.ts";
import type { PrivacyProfile } from "../domain/privacy/due-date.ts";
import type { BlindIndexer } from "../domain/sealing.ts";
import type { Processor } from "../domain/privacy/processors.ts";
import type { SecondApprovalAbove } from "../domain/subscription/second-approval.ts";
import type { UpgradeTimings } from "../domain/subscription/timings.ts";
import type { UpdateGateway } from "./request-update.ts";

export type ApiSettings = {
  /** As browsers see it, e.g. `https://shop.example`; decides about `Secure` cookies and allowed origins. */
  publicUrl: string;
  /** Where the people are who help, for letters; absent: none is named. */
  supportEmail?: string | undefined;
  messenger: {
    /** Our app's ids; an echo with one of them is our own. */
    appIds: readonly string[];
    /** Newest first; two during a rotation. */
    appSecrets: string[];
    verifyToken: string;
  };
  /** For requests that are made from now on. */
  upgrades: { timings: UpgradeTimings; secondApprovalAbove: SecondApprovalAbove; payTo: string | null };
  /** For requests about privacy that are made from now on; `profile` absent: by the country of the shop. */
  privacy: {
    accountCoolOffMs: number;
    profile?: PrivacyProfile | undefined;
    supportEmail?: string | undefined;
  };
  /** The platform's own account at the payment provider, into which owners pay by code; null: they pay by transfer. */
  platformMerchant: MerchantAccount | null;
  /** Everyone outside who gets data from the product. */
  processors: readonly Processor[];
  /** How many proxies in front of us append to `X-Forwarded-For`; 0 takes the socket's address. */
  trustedProxies: number;
  /** Whether the platform's roles, and whoever reads customer data, must have a second factor. */
  requiresSecondFactor: boolean;
};

/** All that the API needs of the outside; `runtime` fills it in, tests give fakes of the outer worlds. */
export type ApiDeps = {
  db: Database;
  system: SystemDatabase;
  admin: AdminDatabase;
  sealer: CachingSealer;
  blindIndexer: BlindIndexer;
  processes: Processes;
  temporal: UpdateGateway;
  objects: ObjectStore;
  images: ImageProcessor;
  messenger: MessengerClient;
  metaLogin: MetaLogin;
  clock: Clock;
  log: Logger;
  trace: Trace;
  settings: ApiSettings;
};

/** What Meta's door needs of it: the worker lets in by it what no webhook brought. */
export type DoorDeps = Pick<ApiDeps, "db" | "sealer" | "blindIndexer" | "clock" | "log" | "trace"> & {
  settings: { messenger: Pick<ApiSettings["messenger"], "appIds"> };
};
