/** `purge`: the daily one. `dry_run`: writes down what it would remove. `plan`: removes exactly what a dry run wrote down. */
export type RetentionRunKind = "purge" | "dry_run" | "plan";

/** `stale`: what is due is not what the plan says any more; nothing was removed. */
export type RetentionRunState = "running" | "done" | "stale";

/** A plan is compared with what is due before any of it is removed. */
export type RetentionPhase = "check" | "remove";

/** What a kind of run does, in order. */
export function phasesOf(kind: RetentionRunKind): RetentionPhase[] {
  return kind === "plan" ? ["check", "remove"] : ["remove"];
}

/** So long after its dry run a plan may be begun; then what is due is another day's. */
export const planValidMs = 24 * 60 * 60_000;
