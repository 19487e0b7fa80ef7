import type { RefusedAction } from "../domain/ports/messenger-client.ts";

/** What Graph said, as far as it counts; the text of an error is never looked at. */
export type GraphError = { status: number; code: number; subcode?: number; isTransient: boolean };

export type GraphVerdict =
  | { action: RefusedAction }
  | { action: "retry"; afterMs: number; maxRetries: number; isPageWide: boolean }
  | { action: "unknown" };

const second = 1_000;
const soon: GraphVerdict = { action: "retry", afterMs: 2 * second, maxRetries: 3, isPageWide: false };
const once: GraphVerdict = { action: "retry", afterMs: 2 * second, maxRetries: 1, isPageWide: false };
/** Without a hint in the headers; a Page's limits are counted in minutes to hours. */
const rateLimited: GraphVerdict = { action: "retry", afterMs: 30 * second, maxRetries: 20, isPageWide: true };

type Rule = {
  codes: readonly number[] | "any";
  /** Left out: the error has no subcode. `any`: whatever it is. */
  subcodes?: readonly number[] | "any";
  verdict: GraphVerdict;
};

/** First match wins. Source: Meta's error-codes page of 18 Mar 2026 and what other products handle. */
const rules: readonly Rule[] = [
  { codes: [1], subcodes: [1_357_046], verdict: { action: "unknown" } }, // "invalid JSON", though it was delivered
  { codes: [1], subcodes: [99], verdict: once }, // often a permission
  { codes: [2], subcodes: [2_018_344], verdict: { action: "permanent" } }, // label terms not accepted
  { codes: "any", subcodes: [2_018_278, 2_018_065, 2_534_022], verdict: { action: "window" } },
  { codes: "any", subcodes: [2_018_108], verdict: { action: "person" } },
  { codes: "any", subcodes: [1_893_063], verdict: { action: "page_restricted" } },
  { codes: "any", subcodes: [2_018_300, 2_018_321, 2_534_037], verdict: { action: "thread_taken" } },
  // One source says "is not receiving messages", another "window closed": both mean that this message does not go.
  { codes: "any", subcodes: [1_545_041], verdict: { action: "permanent" } },
  {
    codes: "any",
    subcodes: [2_018_109, 36_000, 2_018_008, 2_018_047, 2_018_294, 2_018_074],
    verdict: { action: "attachment" },
  },
  { codes: [36_000], subcodes: "any", verdict: { action: "attachment" } },
  { codes: [190], subcodes: "any", verdict: { action: "page_broken" } },
  { codes: [368], subcodes: "any", verdict: { action: "page_restricted" } },
  { codes: [551], subcodes: "any", verdict: { action: "person" } },
  { codes: [10, 200, 230], verdict: { action: "page_broken" } }, // permission or consent missing
  { codes: [4, 17, 32, 613], subcodes: "any", verdict: rateLimited },
  { codes: [1, 2, 1200], subcodes: "any", verdict: soon },
  // The rest of the known ones: bad parameter (100), not approved (200/2018028), phone matching, account linking (10303).
  { codes: [10, 100, 200, 230, 10_303], subcodes: "any", verdict: { action: "permanent" } },
];

/** A transient error behind a 5xx may hide a message that went out, so it is unknown. */
export function judgeGraphError(error: GraphError): GraphVerdict {
  const verdict = rules.find((rule) => fits(rule, error))?.verdict ?? judgeUnlisted(error);
  return error.status >= 500 && verdict.action === "retry" && !verdict.isPageWide
    ? { action: "unknown" }
    : verdict;
}

function fits({ codes, subcodes }: Rule, { code, subcode }: GraphError): boolean {
  if (codes !== "any" && !codes.includes(code)) return false;
  if (subcodes === "any") return true;
  return subcodes === undefined ? subcode === undefined : subcode !== undefined && subcodes.includes(subcode);
}

/** The business-use-case limits are the codes 80000 to 80014. */
function judgeUnlisted({ code, isTransient }: GraphError): GraphVerdict {
  if (code >= 80_000 && code <= 80_014) return rateLimited;
  return isTransient ? soon : { action: "permanent" };
}
