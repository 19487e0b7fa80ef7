import type { EvidenceSummary } from "./api-types.ts";
import type { Viewer } from "./console-env.ts";
import { Chip } from "./parts.tsx";
import type { Tone } from "./parts.tsx";

const tones: Record<NonNullable<EvidenceSummary["verdict"]>, Tone> = {
  matches: "good",
  short: "act",
  over: "act",
  duplicate: "bad",
  stale: "bad",
  wrong_payee: "bad",
  unreadable: "act",
};

export function VerdictChip({ verdict, viewer }: { verdict: EvidenceSummary["verdict"]; viewer: Viewer }) {
  return (
    <Chip tone={verdict === null ? "wait" : tones[verdict]}>{viewer.words.verdict[verdict ?? "none"]}</Chip>
  );
}
