import type { AuditHeads } from "../../domain/ports/audit-heads.ts";
import type { BuildPackage } from "../../domain/ports/package-builder.ts";
import type { SubjectId } from "../../domain/id.ts";
import type { CertificateSigner } from "../../domain/ports/certificate-signer.ts";
import type { ErasureList } from "../../domain/ports/erasure-list.ts";
import type { Executions } from "../../domain/ports/executions.ts";
import type { PayoutProvider } from "../../domain/ports/payout-provider.ts";
import type { PayoutTimings } from "../../domain/payout/timings.ts";
import type { ErasureTimings } from "../../domain/privacy/erasure-timings.ts";
import type { SystemDatabase } from "../../db/system-database.ts";
import type { MailClient } from "../../domain/ports/mail-client.ts";
import type { IntakeDoor } from "../../domain/ports/intake-door.ts";
import type { ActivityDeps } from "../deps.ts";

/** Upkeep looks across shops, under its own login. */
export type UpkeepDeps = ActivityDeps & {
  system: SystemDatabase;
  /** Drops what this process has unwrapped of a subject. */
  forgetKeys(subjectId: SubjectId): void;
  executions: Executions;
  erasureList: ErasureList;
  certificateSigner: CertificateSigner;
  /** For erasures that are planned from now on. */
  erasureTimings: ErasureTimings;
  /** Null: there is no mail server, mails wait in their rows. */
  mail: MailClient | null;
  /** The ids of all workflows that run, one listing. */
  listRunning(): Promise<ReadonlySet<string>>;
  patience: Patience;
  payoutProvider: PayoutProvider;
  /** For payouts that are tallied from now on. */
  payoutTimings: PayoutTimings;
  door: IntakeDoor;
  /** Our app, by whose id an echo is known as our own. */
  metaAppId: string;
  gaps: GapSettings;
  auditHeads: AuditHeads;
  /** Null: nothing can be built yet, and what is approved waits. */
  buildPackage: BuildPackage | null;
  purge: PurgeSettings;
};

export type GapSettings = {
  /** Of the Conversations API; then the worker asks whether it should go on. */
  callsASlice: number;
  /** Meta allows two calls a second. */
  pauseMs: number;
};

export const defaultGapSettings: GapSettings = { callsASlice: 20, pauseMs: 600 };

export type PurgeSettings = {
  /** Rows of one transaction of the retention: it holds their locks, and the ids of so many are in memory. */
  recordsAPage: number;
  /** Then the workflow writes down that it goes on. */
  pagesASlice: number;
};

export const defaultPurgeSettings: PurgeSettings = { recordsAPage: 1_000, pagesASlice: 20 };

/** Milliseconds. */
export type Patience = {
  /** What waited this long was not looked at by whoever should have rung: it is rung for. */
  waitedMs: number;
  /** What waits so long after it was rung for, or after its deadline: its run may be stuck, and is ended if it is. */
  lateMs: number;
};

export const defaultPatience: Patience = { waitedMs: 10_000, lateMs: 60_000 };
