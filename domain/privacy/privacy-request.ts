import type { PrivacyTimings } from "./timings.ts";

/** What a person may ask of whoever holds their data. */
export const privacyKinds = [
  "access",
  "portability",
  "correction",
  "deletion",
  "restriction",
  "objection",
] as const;
export type PrivacyKind = (typeof privacyKinds)[number];

/** What use of their data a person objects to. */
export const objectionLimits = ["no_ai", "no_analytics", "no_follow_up", "no_marketing"] as const;
export type ObjectionLimit = (typeof objectionLimits)[number];
export type ProcessingLimit = ObjectionLimit | "restricted";

/** `login`: a person at Meta by whose login Pages were connected; of them nothing is kept but what that login gave. */
export type PrivacySubjectKind = "customer" | "account" | "login";

/** By which way a request came. */
export type PrivacyDoor = "account" | "chat" | "owner" | "compliance" | "meta" | "page" | "age_report";

/** Who vouches for whose request it is: a session, the thread, the shop, the platform's staff, or Meta's signature. */
export type IdentityProof = "session" | "thread" | "owner" | "staff" | "meta";

export type PrivacyState =
  | "received" // whose it is is not proven, or they have not confirmed it
  | "verified" // accepted: use has stopped where it asks for that
  | "waiting" // a deletion can be taken back
  | "with_owner" // it needs the judgement of a person
  | "in_progress" // it is carried out; of a deletion nothing comes back
  | "finalising" // it is done, and the person is told
  | "completed"
  | "denied"
  | "cancelled"
  | "lapsed";

export const privacyTransitions = {
  received: ["verified", "cancelled", "lapsed"],
  verified: ["waiting", "with_owner", "in_progress", "finalising", "cancelled", "denied"],
  waiting: ["in_progress", "cancelled", "denied"],
  with_owner: ["waiting", "in_progress", "finalising", "cancelled", "denied"],
  in_progress: ["finalising"],
  finalising: ["completed"],
  completed: [],
  denied: [],
  cancelled: [],
  lapsed: [],
} as const satisfies Record<PrivacyState, readonly PrivacyState[]>;

export const privacyStates = Object.keys(privacyTransitions) as PrivacyState[];

export function canMovePrivacy(from: PrivacyState, to: PrivacyState): boolean {
  return (privacyTransitions[from] as readonly PrivacyState[]).includes(to);
}

/** Of a subject and a kind there is one at most. */
export const openPrivacyStates = [
  "received",
  "verified",
  "waiting",
  "with_owner",
  "in_progress",
  "finalising",
] as const satisfies PrivacyState[];

export function isOpenPrivacy(state: PrivacyState): boolean {
  return (openPrivacyStates as readonly PrivacyState[]).includes(state);
}

/** How it was answered; nothing is completed without. */
export type PrivacyAnswer = "erased" | "packaged" | "limited" | "corrected" | "forgotten";

/** Why it was denied; told to the person, with what they can do about it. */
export const privacyDenials = [
  "identity_in_doubt",
  "law_demands_keeping",
  "rights_of_others",
  "unfounded",
  "data_is_right",
] as const;
export type PrivacyDenial = (typeof privacyDenials)[number];

/** What the person has yet to be told. */
export type PrivacyTelling = "received" | "cancelled" | "denied" | "done";

export type Asked = { kind: PrivacyKind; subjectKind: PrivacySubjectKind; door: PrivacyDoor };

/**
 * Whether a person must judge it: what is right nobody else knows, and whoever wrote to the platform has not shown in the
 * thread who they are.
 */
export function needsJudgement({ kind, subjectKind, door }: Asked): boolean {
  return kind === "correction" || (subjectKind === "customer" && door === "compliance");
}

/** What stops or changes with the acceptance, before anything else is done; null: nothing. */
export function limitOf({
  kind,
  objectsTo,
}: {
  kind: PrivacyKind;
  objectsTo: ObjectionLimit | null;
}): ProcessingLimit | null {
  if (kind === "objection") return objectsTo ?? "no_ai";
  return kind === "deletion" || kind === "restriction" ? "restricted" : null;
}

/** What there is to do for a request that is carried out; null: the limit that was set is all of it. */
export function taskOf(kind: PrivacyKind): "erase" | "package" | null {
  switch (kind) {
    case "deletion":
      return "erase";
    case "access":
    case "portability":
      return "package";
    case "correction":
    case "restriction":
    case "objection":
      return null;
  }
}

export type PrivacyDeadline =
  | "tellPrivacyPerson"
  | "lapsePrivacyRequest"
  | "routePrivacyRequest"
  | "beginPrivacyRequest"
  | "remindOfPrivacyRequest"
  | "raisePrivacyAlarm"
  | "closePrivacyRequest";

/** What the row of a request says of its waits. */
export type PrivacyStanding = {
  kind: PrivacyKind;
  state: PrivacyState;
  receivedAt: Date;
  /** Until then a deletion can be taken back. */
  actAt: Date | null;
  remindersDone: number;
  alarmedAt: Date | null;
  dueAt: Date;
  isTellingDue: boolean;
  timings: PrivacyTimings;
};

export type NextPrivacyDeadline = { deadline: PrivacyDeadline; at: Date };

/** The deadline that comes next, and when; null: it has ended, or only people and what is under way are waited for. */
export function nextPrivacyDeadline(standing: PrivacyStanding): NextPrivacyDeadline | null {
  const { state, receivedAt, actAt, kind, timings } = standing;
  if (standing.isTellingDue) return { deadline: "tellPrivacyPerson", at: receivedAt };
  switch (state) {
    case "received":
      return { deadline: "lapsePrivacyRequest", at: after(receivedAt, timings.verifyDueMs) };
    case "verified":
      return { deadline: "routePrivacyRequest", at: receivedAt };
    case "finalising":
      return { deadline: "closePrivacyRequest", at: receivedAt };
    case "waiting":
      return first({ deadline: "beginPrivacyRequest", at: actAt ?? receivedAt }, ofClock(standing));
    case "with_owner": {
      if (kind === "correction") return ofClock(standing);
      const silentAt = after(receivedAt, timings.ownerSilenceMs);
      return first({ deadline: "beginPrivacyRequest", at: silentAt }, ofClock(standing));
    }
    case "in_progress":
      return ofClock(standing);
    case "completed":
    case "denied":
    case "cancelled":
    case "lapsed":
      return null;
  }
}

/** Reminders, and the alarm when it is overdue. */
function ofClock({ receivedAt, remindersDone, alarmedAt, dueAt, timings }: PrivacyStanding) {
  const reminderMs = timings.remindersMs[remindersDone];
  const alarm = alarmedAt === null ? ({ deadline: "raisePrivacyAlarm", at: dueAt } as const) : null;
  if (reminderMs === undefined) return alarm;
  const reminder = { deadline: "remindOfPrivacyRequest", at: after(receivedAt, reminderMs) } as const;
  return alarm === null ? reminder : first(reminder, alarm);
}

function first(one: NextPrivacyDeadline, other: NextPrivacyDeadline | null): NextPrivacyDeadline {
  return other === null || one.at <= other.at ? one : other;
}

function after(since: Date, ms: number): Date {
  return new Date(since.getTime() + ms);
}
