import { CALL_ATTACKS } from "./attack-calls.ts";
import { WORD_ATTACKS } from "./attack-words.ts";

/** Every attack is one named answer. */
export const ATTACKS = { ...WORD_ATTACKS, ...CALL_ATTACKS };
export type AttackName = keyof typeof ATTACKS;
