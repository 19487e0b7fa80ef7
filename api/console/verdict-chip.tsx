import type { EvidenceSummary } from "./api-types.ts";
import type { Viewer } from "./console-env.ts";
import { Chip } from "./parts.tsx";
import type { Tone } from "./parts.tsx";

const tones: Record<NonNullable<ReturnType<typeof verdictWord>>, Tone> = {
  matches: "good",
  short: "act",
  over: "act",
  duplicate: "bad",
  stale: "bad",
  wrong_payee: "bad",
  unreadable: "act",
  unmatched: "act",
  none: "wait",
};

/** What the page says of a slip's verdict: slips are judged by their order, and one that was decided before that never is. */
export function verdictWord({ verdict, state }: Pick<EvidenceSummary, "verdict" | "state">) {
  if (verdict !== null) return verdict;
  if (state === "unmatched") return "unmatched";
  return state === "undecided" ? "none" : undefined;
}

export function VerdictChip({
  slip,
  viewer,
}: {
  slip: Pick<EvidenceSummary, "verdict" | "state">;
  viewer: Viewer;
}) {
  const word = verdictWord(slip);
  if (word === undefined) return null;
  return <Chip tone={tones[word]}>{viewer.words.verdict[word]}</Chip>;
}
