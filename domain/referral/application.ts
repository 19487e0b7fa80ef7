export type ApplicationState = "submitted" | "approved" | "rejected";

/** What a person has to look at before somebody takes part. */
export type ApplicationFinding =
  | "own_flag" // a flag on their own place is open, or was upheld
  | "like_held"; // they share a mailbox or a device with somebody who is suspended, or whom a flag holds

export type ApplicationFacts = { hasOwnFlag: boolean; isLikeHeld: boolean };

/** What asks for a person; nothing: the application is approved at once. */
export function judgeApplication({ hasOwnFlag, isLikeHeld }: ApplicationFacts): ApplicationFinding[] {
  return [...(hasOwnFlag ? (["own_flag"] as const) : []), ...(isLikeHeld ? (["like_held"] as const) : [])];
}

/** Codes, since what the admin saw is about other people. */
export const rejectReasons = ["same_person", "suspended_before", "no_real_shop"] as const;
export type RejectReason = (typeof rejectReasons)[number];

const reapplyMs = 30 * 24 * 60 * 60_000;

/** From when on somebody who was rejected may apply again. */
export function reapplyFrom(rejectedAt: Date): Date {
  return new Date(rejectedAt.getTime() + reapplyMs);
}
