import type { EvidenceSummary } from "./api-types.ts";
import type { Viewer } from "./console-env.ts";
import { Chip } from "./parts.tsx";
import type { Tone } from "./parts.tsx";

const tones: Record<ReturnType<typeof verdictWord>, Tone> = {
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

/** What the page says instead of a verdict: slips are judged by their order. */
export function verdictWord({ verdict, state }: Pick<EvidenceSummary, "verdict" | "state">) {
  return verdict ?? (state === "unmatched" ? "unmatched" : "none");
}

export function VerdictChip({
  slip,
  viewer,
}: {
  slip: Pick<EvidenceSummary, "verdict" | "state">;
  viewer: Viewer;
}) {
  const word = verdictWord(slip);
  return <Chip tone={tones[word]}>{viewer.words.verdict[word]}</Chip>;
}
