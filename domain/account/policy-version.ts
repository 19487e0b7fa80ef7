import type { Language } from "../shop/policies.ts";
import { currentPolicies, policyNames, wordingHash } from "./policies.ts";
import type { PolicyName, Statement } from "./policies.ts";

/** One that was published; it never changes. */
export type PolicyVersion = Statement & {
  policy: PolicyName;
  hash: string;
  /** What is different, in a sentence or two. */
  summary: Record<Language, string>;
  /** It needs a yes of its own; a minor change is accepted by going on. */
  isMaterial: boolean;
  publishedAt: Date;
  effectiveAt: Date;
};

/** `published`: null where it is still the wording that the code brings. */
type InForce = Statement & { hash: string; published: PolicyVersion | null };
export type PoliciesInForce = Record<PolicyName, InForce>;

/** The newest that has taken effect, of each policy. */
export function policiesInForce(published: readonly PolicyVersion[], now: Date): PoliciesInForce {
  const of = (policy: PolicyName): InForce => {
    const [newest] = published
      .filter((one) => one.policy === policy && one.effectiveAt <= now)
      .toSorted(byEffect);
    if (newest) return { version: newest.version, text: newest.text, hash: newest.hash, published: newest };
    return { ...currentPolicies[policy], hash: wordingHash(policy), published: null };
  };
  const [terms, privacy] = [of("terms"), of("privacy")];
  return { terms, privacy, processing_abroad: of("processing_abroad"), adult: of("adult") };
}

/** Published and not in effect yet, the next one first. */
export function upcomingPolicies(published: readonly PolicyVersion[], now: Date): PolicyVersion[] {
  return published.filter(({ effectiveAt }) => effectiveAt > now).toSorted((a, b) => byEffect(b, a));
}

function byEffect(a: PolicyVersion, b: PolicyVersion): number {
  return b.effectiveAt.getTime() - a.effectiveAt.getTime();
}

type Accepted = { policy: PolicyName; version: string };

/** What an account has not accepted of what is in force. */
export type OpenPolicies = {
  /** To be asked. A wording of the code is asked of nobody who was never asked, such as an account that a command made. */
  asked: PolicyName[];
  /** Of those the material ones that were published: without a yes the account can do nothing else. */
  gating: PolicyName[];
  /** Accepted by going on. */
  byUse: PolicyName[];
};

export function openPolicies(accepted: readonly Accepted[], inForce: PoliciesInForce): OpenPolicies {
  const open = policyNames.filter(
    (name) => !accepted.some(({ policy, version }) => policy === name && version === inForce[name].version),
  );
  const gating = open.filter((name) => inForce[name].published?.isMaterial === true);
  const byUse = open.filter((name) => inForce[name].published?.isMaterial === false);
  const worded = open.filter((name) => inForce[name].published === null && accepted.length > 0);
  return { asked: open.filter((name) => gating.includes(name) || worded.includes(name)), gating, byUse };
}

const noticeDays = 14;
const dayMs = 24 * 60 * 60_000;

/** When a change takes effect at the earliest: who is bound by a material one has two weeks to read it. */
export function earliestEffect(isMaterial: boolean, now: Date): Date {
  return new Date(now.getTime() + (isMaterial ? noticeDays * dayMs : 0));
}

type ToPublish = Pick<PolicyVersion, "policy" | "version" | "isMaterial" | "effectiveAt">;

/** `not_later`: an effect must come after that of every version before it. */
export function judgePublishing(
  wanted: ToPublish,
  published: readonly PolicyVersion[],
  now: Date,
): "fits" | "version_taken" | "too_early" | "not_later" {
  const known = published.filter(({ policy }) => policy === wanted.policy);
  const versions = [currentPolicies[wanted.policy].version, ...known.map(({ version }) => version)];
  if (versions.includes(wanted.version)) return "version_taken";
  if (wanted.effectiveAt < earliestEffect(wanted.isMaterial, now)) return "too_early";
  return known.some(({ effectiveAt }) => effectiveAt >= wanted.effectiveAt) ? "not_later" : "fits";
}
