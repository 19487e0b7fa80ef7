import type { PageId, ShopId } from "../domain/id.ts";

/** Names under which the worker registers the workflows that schedules start. */
export const reconcileWorkflow = "reconcileRun";
export const pageCheckWorkflow = "pageCheckRun";
export const commissionWorkflow = "commissionRun";
export const attestationReminderWorkflow = "attestationReminderRun";
export const payoutTallyWorkflow = "payoutRun";
export const ticketReminderWorkflow = "ticketReminderRun";
/** Not of a schedule: of whoever has reason to look at one Page. */
export const pageTendingWorkflow = "pageTendingRun";

export function pageTendingId(pageId: string): string {
  return `page-check/${pageId}`;
}

/** Signal: something of the Page is worth a look. */
export const pageChanged = "pageChanged";

export type PageTending = { version: 1; shopId: ShopId; pageId: PageId };
/** Not done: more is to be read back, after so long. */
export type PageTended = { version: 1; isDone: boolean; waitMs: number };

export type Reconciled = { openRows: number; startedProcesses: number; rungConversations: number };

/** What a tally made, and for how many of them the process could be started at once. */
export type TalliedPayouts = { made: number; started: number };

export type SettledCommissions = { screened: number; matured: number };

export interface UpkeepActivities {
  /** Starts what has a row and no workflow, rings for what waits. */
  reconcile(): Promise<Reconciled>;
  /** Token and subscription of every Page. */
  checkPages(): Promise<void>;
  /** The same of one Page, with a slice of what it missed. */
  tendPage(page: PageTending): Promise<PageTended>;
  /** Looks at new commissions for fraud, and lets those become payable that are past their holding period. */
  settleCommissions(): Promise<SettledCommissions>;
  /** One notice and one mail a year to the owners of each shop. */
  remindOfAttestations(): Promise<void>;
  /** Mails compliance about what people wrote and nobody answered. */
  remindOfTickets(): Promise<void>;
  /** Makes the payouts of the month that is over, and starts a process for each. */
  tallyPayouts(): Promise<TalliedPayouts>;
}
