/** What a Page's webhooks did not bring, while it is read back. Times are ISO texts: it lies in a column as JSON. */
export type PageGap = {
  /** The version of the Page's row when it was found, or broke last: the owner is told once that it works again. */
  key: number;
  /** The Page could send nothing meanwhile. */
  wasBroken: boolean;
  /** Messages from this time on count. */
  from: string;
  /** Conversations that have not moved since this time are not looked at in this pass. */
  movedSince: string;
  begunAt: string;
  /** Where Meta's list goes on; null: at its beginning. */
  cursor: string | null;
  /** Calls of this pass so far. */
  calls: number;
  /** Which pass it is. */
  passes: number;
  /** When it was found: what was said before, nobody else would have brought. */
  openedAt: string;
  hasFound: boolean;
};

/** Before the last event that we have some may be missing: webhooks overtake each other, and clocks differ. */
const overlapMs = 10 * 60_000;
/** By which Meta's clock may be behind ours. */
const clockToleranceMs = 2 * 60_000;
/** Where more moves in the tolerance than one call lists, no pass would be the last one. */
const mostPasses = 20;

/** What was said before the Page was connected is nobody's to read. */
export function beginGap({
  key,
  wasBroken,
  lastEventAt,
  connectedAt,
  now,
}: Pick<PageGap, "key" | "wasBroken"> & { lastEventAt: Date; connectedAt: Date; now: Date }): PageGap {
  const since = Math.max(lastEventAt.getTime() - overlapMs, connectedAt.getTime());
  const from = new Date(since).toISOString();
  const openedAt = now.toISOString();
  const pass = { movedSince: from, begunAt: openedAt, cursor: null, calls: 0, passes: 1 };
  return { key, wasBroken, from, openedAt, hasFound: false, ...pass };
}

/** One call's worth of Meta's list, which has the conversations that moved last in front. */
export type GapStep = {
  /** Null: the list ends here. */
  next: string | null;
  /** The last conversation of it has not moved since: nor have those behind it. */
  hasPassed: boolean;
  hasFound: boolean;
};

/**
 * The mark after a step; null: all is read. A conversation that moves while the list is read goes to its front, behind
 * our back; so passes follow, over what moved since the one before, until one is a single call, which misses nothing, or
 * until only what jumped over us in every one of them could be missing.
 */
export function moveGap(gap: PageGap, { next, hasPassed, hasFound }: GapStep, now: Date): PageGap | null {
  const moved = { ...gap, hasFound: gap.hasFound || hasFound };
  if (next !== null && !hasPassed) return { ...moved, cursor: next, calls: gap.calls + 1 };
  if (gap.calls === 0 || gap.passes === mostPasses) return null;
  const movedSince = new Date(Date.parse(gap.begunAt) - clockToleranceMs).toISOString();
  return { ...moved, movedSince, begunAt: now.toISOString(), cursor: null, calls: 0, passes: gap.passes + 1 };
}

/** Whoever waited this long is not answered any more, as in the agent's 24-hour window: a person decides what to say. */
export const answeredWithinMs = 24 * 3_600_000;
