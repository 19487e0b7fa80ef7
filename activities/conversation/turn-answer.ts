import type { TurnDecision, TurnOutcome } from "../../db/schema/conversations.ts";
import type { OutboundContent } from "../../domain/conversation/outbound.ts";
import type { ShownToModel } from "../../domain/conversation/shown-to-model.ts";
import type { MessageId } from "../../domain/id.ts";
import type { ConsentPurpose } from "../../domain/privacy/consent.ts";
import type { Language } from "../../domain/shop/policies.ts";
import type { Usage } from "../agent/answer.ts";
import type { HandOverReason, TurnDraft } from "../agent/turn-draft.ts";

/** What a turn comes to, before it is stored. */
export type TurnAnswer = {
  outcome: Exclude<TurnOutcome, "stale">;
  language: Language;
  /** What the agent says; silenced by human mode. */
  chat: OutboundContent[];
  draft: TurnDraft | null;
  decision: TurnDecision | null;
  handOver: HandOverReason | null;
  endsHumanMode: boolean;
  /** What the customer agreed to or took back; it stands whoever speaks. */
  consent: { purpose: ConsentPurpose; decision: "given" | "withdrawn" } | null;
  /** The customer says to be a minor: all of theirs is frozen with this turn. */
  isOfMinor: boolean;
  /** The owner is told that a person must answer. */
  needsPerson: boolean;
  usage: Usage | null;
  /** What the model was shown for it. */
  shown: ShownToModel | null;
  errorCode: string | null;
  /** Which messages of the burst this settles; the others get a turn of their own. `none`: a person has the conversation. */
  answers: "all" | "none" | readonly MessageId[];
};

/** The error code of an answer that the shop had no credits for; its owner is told by the ledger. */
export const creditsShort = "credits.short";

export function turnAnswer(
  answer: Partial<TurnAnswer> & Pick<TurnAnswer, "outcome" | "language">,
): TurnAnswer {
  return {
    chat: [],
    draft: null,
    decision: null,
    handOver: null,
    endsHumanMode: false,
    consent: null,
    isOfMinor: false,
    needsPerson: false,
    usage: null,
    shown: null,
    errorCode: null,
    answers: "all",
    ...answer,
  };
}
