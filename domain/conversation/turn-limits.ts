/** What one turn may ask of the model; its greatest price in credits follows from it. */
export const turnLimits = {
  /** The model may call tools this often; in the round after it must use words. */
  toolRounds: 5,
  /** Calls of one round: one is asked for at a time; whatever sends more is not let fill prompt and bill. */
  callsARound: 8,
  /** Of each answer, and of each reading of a picture. */
  maxOutputTokens: 1_000,
} as const;
