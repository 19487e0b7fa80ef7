import type { ShopTransaction } from "../../db/connection.ts";
import { mailAdmins } from "../../db/mail-admins.ts";
import { insertNotice } from "../../db/owner-notices.ts";
import { changePrivacyRequest, lockPrivacyRequest, privacyStanding } from "../../db/privacy-requests.ts";
import type { PrivacyChange, PrivacyRequestRow } from "../../db/privacy-requests.ts";
import { newId } from "../../domain/id.ts";
import type { NoticeKind } from "../../domain/order/notice-texts.ts";
import { needsJudgement, nextPrivacyDeadline, taskOf } from "../../domain/privacy/privacy-request.ts";
import type { PrivacyAnswer, PrivacyDeadline } from "../../domain/privacy/privacy-request.ts";
import type { PrivacyRef, PrivacySnapshot } from "../../workflows/privacy-request.contract.ts";
import type { ActivityDeps } from "../deps.ts";
import { privacySnapshot } from "./privacy-snapshot.ts";

type Due = { row: PrivacyRequestRow; now: Date };

/** What a deadline changes; beside it stands in the transaction whatever must happen with it. */
type Meeting = (trx: ShopTransaction, due: Due) => Promise<PrivacyChange> | PrivacyChange;

/** Nobody has shown that it is theirs, or confirmed it: nothing of it was ever done. */
export function lapsePrivacyRequest(deps: ActivityDeps, ref: PrivacyRef): Promise<PrivacySnapshot> {
  return meetDeadline(deps, ref, {
    deadline: "lapsePrivacyRequest",
    event: "lapsed",
    meet: (_trx, { now }) => ({ state: "lapsed", ended_at: now }),
  });
}

export function routePrivacyRequest(deps: ActivityDeps, ref: PrivacyRef): Promise<PrivacySnapshot> {
  return meetDeadline(deps, ref, {
    deadline: "routePrivacyRequest",
    event: "routed",
    meet: async (trx, { row, now }) => {
      const { kind, subject_kind: subjectKind, door } = row;
      if (!needsJudgement({ kind, subjectKind, door })) return carriedOut(row, now);
      // Of an account the platform judges itself.
      if (subjectKind !== "customer")
        await mailCompliance(trx, { row, now, kind: "privacy_waits", of: "routed" });
      return { state: "with_owner" };
    },
  });
}

/** Where a request goes that nobody must judge, or that was judged. */
export function carriedOut(row: PrivacyRequestRow, now: Date): PrivacyChange {
  if (row.kind !== "deletion") return begun(row, now);
  const windowEndsAt = new Date(now.getTime() + row.timings.cancelWindowMs);
  return { state: "waiting", act_at: windowEndsAt < row.due_at ? windowEndsAt : row.due_at };
}

function begun(row: PrivacyRequestRow, now: Date): PrivacyChange {
  return taskOf(row.kind) === null ? answered("limited", now) : { state: "in_progress" };
}

/** It is done. Nobody is written to whose data is erased. */
export function answered(answer: PrivacyAnswer, now: Date): PrivacyChange {
  return { state: "finalising", answer, answered_at: now, tell: answer === "erased" ? null : "done" };
}

/** The window is over; or the shop was silent for so long that the platform goes on without its word, and says so. */
export function beginPrivacyRequest(deps: ActivityDeps, ref: PrivacyRef): Promise<PrivacySnapshot> {
  return meetDeadline(deps, ref, {
    deadline: "beginPrivacyRequest",
    event: "begun",
    meet: async (trx, { row, now }) => {
      if (row.state !== "with_owner") return begun(row, now);
      await notice(trx, { row, now, kind: "privacy_done_for_you", of: "silent" });
      return { ...begun(row, now), was_owner_silent: true };
    },
  });
}

/** At first the shop alone, then the platform's staff as well, at last the staff whatever they chose. */
export function remindOfPrivacyRequest(deps: ActivityDeps, ref: PrivacyRef): Promise<PrivacySnapshot> {
  return meetDeadline(deps, ref, {
    deadline: "remindOfPrivacyRequest",
    event: "reminded",
    meet: async (trx, { row, now }) => {
      const { reminders_done: done, timings } = row;
      const of = `reminder:${done}`;
      const isLast = done === timings.remindersMs.length - 1;
      deps.log.warn({ ...ref, count: done + 1 }, "privacy_request.waits");
      if (row.state === "with_owner") await notice(trx, { row, now, kind: "privacy_reminder", of });
      const kind = isLast ? "privacy_waits_long" : "privacy_waits";
      if (done > 0) await mailCompliance(trx, { row, now, kind, of });
      return { reminders_done: done + 1 };
    },
  });
}

/** It was promised for this moment and is not done. */
export function raisePrivacyAlarm(deps: ActivityDeps, ref: PrivacyRef): Promise<PrivacySnapshot> {
  return meetDeadline(deps, ref, {
    deadline: "raisePrivacyAlarm",
    event: "overdue",
    meet: async (trx, { row, now }) => {
      deps.log.error({ ...ref, state: row.state }, "privacy_request.overdue");
      await notice(trx, { row, now, kind: "privacy_overdue", of: "overdue" });
      await mailCompliance(trx, { row, now, kind: "privacy_waits_long", of: "overdue" });
      return { alarmed_at: now };
    },
  });
}

export function closePrivacyRequest(deps: ActivityDeps, ref: PrivacyRef): Promise<PrivacySnapshot> {
  return meetDeadline(deps, ref, {
    deadline: "closePrivacyRequest",
    event: "completed",
    meet: (_trx, { now }) => ({ state: "completed", ended_at: now }),
  });
}

type Met = { deadline: PrivacyDeadline; event: string; meet: Meeting };

/**
 * Does what is due when it is due, by the row's word, and answers how the row stands then. Safe to run twice: the row is
 * locked, and a deadline that was met is no longer the next one.
 */
async function meetDeadline(
  deps: ActivityDeps,
  ref: PrivacyRef,
  { deadline, event, meet }: Met,
): Promise<PrivacySnapshot> {
  const now = deps.clock.now();
  const row = await deps.db.withShop(ref.shopId, async (trx) => {
    const row = await lockPrivacyRequest(trx, ref);
    const next = nextPrivacyDeadline(privacyStanding(row));
    if (next?.deadline !== deadline || next.at > now) return row;
    const set = await meet(trx, { row, now });
    return changePrivacyRequest(trx, row, { set, event, by: { kind: "system", accountId: null }, now });
  });
  await deps.atStep("privacy.committed");
  return privacySnapshot(row, now);
}

/** To whoever answers for the shop; an account of the platform has none. */
async function notice(
  trx: ShopTransaction,
  { row, now, kind, of }: Due & { kind: NoticeKind; of: string },
): Promise<void> {
  if (row.subject_kind !== "customer") return;
  const businessKey = `privacy:${row.id}:${of}`;
  await insertNotice(trx, { shopId: row.shop_id, id: newId(), kind, businessKey, data: {}, now });
}

function mailCompliance(
  trx: ShopTransaction,
  { row, now, kind, of }: Due & { kind: "privacy_waits" | "privacy_waits_long"; of: string },
): Promise<void> {
  return mailAdmins(trx, { role: "compliance", kind, businessKey: `privacy:${row.id}:${of}`, now });
}
