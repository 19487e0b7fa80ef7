import { turnLimits } from "../conversation/turn-limits.ts";

/** What a turn has asked of the model and was answered; pictures are among the calls. */
export type TurnUsage = { calls: number; pictures: number; inputTokens: number; outputTokens: number };

export const noUsage: TurnUsage = { calls: 0, pictures: 0, inputTokens: 0, outputTokens: 0 };

/**
 * What a shop pays, whichever model answers: in thousandths of a credit for 1,000 tokens, and in credits for a picture.
 * The weights follow the price of the default model, so that a credit is about a tenth of a US cent. A change is a new
 * version: each turn keeps the one by which it was charged.
 */
export const creditRates = {
  version: 1,
  inputMillicredits: 250,
  outputMillicredits: 2_000,
  pictureCredits: 1,
} as const;

/** The provider's list price in micro-USD for a million tokens; from the settings. */
export type ModelPrice = { inputMicroUsd: number; outputMicroUsd: number };

const million = 1_000_000;

/** Whole credits, rounded up; at least one for a turn in which the model answered, none without. */
export function creditsOf({ calls, pictures, inputTokens, outputTokens }: TurnUsage): number {
  if (calls === 0) return 0;
  const { inputMillicredits, outputMillicredits, pictureCredits } = creditRates;
  const ofTokens = (inputTokens * inputMillicredits + outputTokens * outputMillicredits) / million;
  return Math.max(1, Math.ceil(ofTokens)) + pictures * pictureCredits;
}

/** What the provider bills for it, in micro-USD, rounded up. */
export function costOf({ inputTokens, outputTokens }: TurnUsage, price: ModelPrice): number {
  return Math.ceil((inputTokens * price.inputMicroUsd + outputTokens * price.outputMicroUsd) / million);
}

/** At what a prompt is reckoned; a longer one is the platform's to pay. */
const promptTokens = { round: 8_000, picture: 3_000 };

/** Tools, then words, then one repair. */
const mostRounds = turnLimits.toolRounds + 2;

/** What a turn is charged at most: every round and every picture at its limits. */
export function mostCreditsOf({ pictures }: { pictures: number }): number {
  return creditsOf({
    calls: mostRounds + pictures,
    pictures,
    inputTokens: mostRounds * promptTokens.round + pictures * promptTokens.picture,
    outputTokens: (mostRounds + pictures) * turnLimits.maxOutputTokens,
  });
}
