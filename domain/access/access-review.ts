const dayMs = 24 * 60 * 60_000;

/** A quarter, counted from the review before, or from the beginning. */
export const accessReviewEveryMs = 90 * dayMs;
export const accessReviewRemindMs = 7 * dayMs;
export const accessReviewDueMs = 14 * dayMs;

export const accessKinds = ["member", "api_key", "platform_role"] as const;
export type AccessKind = (typeof accessKinds)[number];

/** Something that somebody may do: a role of a person, or a key with its scopes. */
export type Access = {
  kind: AccessKind;
  /** Of the account, or of the key. */
  id: string;
  /** The role, or the scopes with spaces between. */
  detail: string;
};

export type AccessDecision = Access & { decision: "keep" | "remove" };

export type SignOff =
  | { outcome: "complete"; removed: Access[] }
  /** Something has changed since it was looked at, or was left out: it is looked at again. */
  | { outcome: "differs" };

/** A sign-off says of each access as it is now whether it stays, and of nothing else. */
export function judgeSignOff(current: readonly Access[], decisions: readonly AccessDecision[]): SignOff {
  const said = new Set(decisions.map(nameOf));
  const isSame = said.size === decisions.length && said.size === current.length;
  if (!isSame || !current.every((access) => said.has(nameOf(access)))) return { outcome: "differs" };
  return { outcome: "complete", removed: decisions.filter(({ decision }) => decision === "remove") };
}

function nameOf({ kind, id, detail }: Access): string {
  return JSON.stringify([kind, id, detail]);
}
