const dayMs = 24 * 60 * 60_000;

/** What a shop may try before it pays: some thousand answers, and a month for them. */
export const trialGrant = { kind: "trial", credits: 2_000, effectKey: "trial" } as const;

export function trialExpiresAt(now: Date): Date {
  return new Date(now.getTime() + 30 * dayMs);
}
