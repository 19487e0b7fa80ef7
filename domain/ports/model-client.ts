export type ModelTool = {
  name: string;
  description: string;
  /** JSON schema, strict: every property required, no others. */
  parameters: Record<string, unknown>;
};

export type ModelInputItem =
  | { kind: "message"; role: "user" | "assistant"; text: string }
  | { kind: "call"; callId: string; name: string; argumentsJson: string }
  | { kind: "result"; callId: string; outputJson: string };

export type ModelUsage = { inputTokens: number; outputTokens: number };

/** The platform's register of processors does not let anything go to the model: people answer. */
export const modelNotAdmitted = "model.not_admitted";

export type ModelFailure = {
  ok: false;
  /** A code, never text of the prompt or the answer. */
  code:
    | typeof modelNotAdmitted
    | "model.timeout"
    | "model.aborted"
    | "model.unreachable"
    | "model.rate_limited"
    | "model.quota_exceeded"
    | "model.server_error"
    | "model.malformed"
    | "model.refused_request"
    | "model.not_authorised";
  /** Null: another try cannot succeed. */
  retryAfterMs: number | null;
  status?: number;
  /** What the provider bills although the answer is of no use; absent where it told nothing. */
  usage?: ModelUsage;
};

export type ModelAnswer =
  | {
      ok: true;
      text: string;
      calls: { callId: string; name: string; argumentsJson: string }[];
      /** `cut` by the token limit, `filtered` by the provider, `refused` by the model. */
      ending: "complete" | "cut" | "filtered" | "refused";
      usage: ModelUsage;
    }
  | ModelFailure;

/** What stands on a payment slip, as read; nothing of it is trusted. */
export type SlipReading = {
  isSlip: boolean;
  isLegible: boolean;
  /** As printed, digits and separators. */
  amount: string | null;
  currency: string | null;
  reference: string | null;
  paidAt: Date | null;
  payee: string | null;
};

export type SlipAnswer = { ok: true; reading: SlipReading; usage: ModelUsage } | ModelFailure;

/** The model is treated as an attacker: answers have the right shape and nothing more. */
export interface ModelClient {
  respond(request: {
    instructions: string;
    input: ModelInputItem[];
    tools: ModelTool[];
    /** `none` makes the model answer in words, e.g. in the last round. */
    toolChoice?: "auto" | "none";
    maxOutputTokens: number;
    timeoutMs: number;
    signal?: AbortSignal;
  }): Promise<ModelAnswer>;
  readSlip(request: { jpeg: Buffer; timeoutMs: number; signal?: AbortSignal }): Promise<SlipAnswer>;
}
