import type { Context } from "hono";

import { AppError } from "../../domain/app-error.ts";
import type { ApiEnv } from "../env.ts";
import { requestUpdate } from "../request-update.ts";
import type { UpdateRequest } from "../request-update.ts";

/** What is decided about: its codes begin with it. */
type Decided = "breach" | "evidence" | "order" | "payout" | "privacy_request" | "subscription" | "upgrade";

type Outcome = { outcome: "decided" | "already" | "refused"; reason: string | null };

type Asked = Pick<UpdateRequest<Outcome>, "workflowId" | "workflowType" | "input" | "update" | "request"> & {
  of: Decided;
  /** What the rows say of a decision whose workflow has ended meanwhile. */
  isRecorded: () => Promise<boolean>;
};

/** Carries a person's word to the workflow of what they decide about. Throws when that, or who asks, does not allow it. */
export async function requestDecision(
  c: Context<ApiEnv>,
  { of, isRecorded, ...asked }: Asked,
): Promise<void> {
  const { deps, effect } = c.var;
  const recorded: Outcome = { outcome: "already", reason: null };
  const result = await requestUpdate<Outcome>(deps.temporal, {
    ...asked,
    updateId: effect.updateId,
    findRecorded: async () => ((await isRecorded()) ? recorded : undefined),
  });
  if (result.outcome === "refused") throw decisionRefusal(of, result.reason);
}

/** Not a matter of the state of what is decided about, but of who asks. */
const notTheirs: ReadonlySet<string> = new Set([
  "upgrade.own_request",
  "upgrade.own_shop",
  "upgrade.related",
  "upgrade.no_person",
  "payout.same_person",
  "payout.related",
  "payout.no_person",
  "breach.same_person",
  "breach.no_person",
  "privacy_request.own_request",
  "privacy_request.not_theirs",
]);

const nouns: Record<Decided, string> = {
  breach: "incident",
  evidence: "slip",
  order: "order",
  payout: "payout",
  privacy_request: "request",
  subscription: "subscription",
  upgrade: "request",
};

/** A 409 with the reason's code; a 403 where an admin has a share in what they would decide about. */
export function decisionRefusal(of: Decided, reason: string | null): AppError {
  const code = reason ?? `${of}.refused`;
  return notTheirs.has(code)
    ? new AppError("forbidden", code, {
        internal: "the admin has a share in it",
        public: "Somebody else must decide about this.",
      })
    : new AppError("conflict", code, {
        internal: "the row does not allow the decision",
        public: `The ${nouns[of]} does not allow this now. Read it again.`,
      });
}
