const dayMs = 24 * 60 * 60_000;

/** What a shop may try before it pays, less than any plan grants: some hundred answers, and a month for them. */
export const trialGrant = { kind: "trial", credits: 200, effectKey: "trial" } as const;

export function trialExpiresAt(now: Date): Date {
  return new Date(now.getTime() + 30 * dayMs);
}
