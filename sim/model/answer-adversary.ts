import { createHash } from "node:crypto";
import { ATTACKS, type AttackName } from "./attacks.ts";
import { SLIP_ATTACKS, type SlipAttackName } from "./slip-attacks.ts";
import { readSlip } from "./read-slip.ts";
import type { ModelRequest } from "./read-request.ts";
import type { Answer } from "./response-wire.ts";

const CHOSEN = /\[adversary: (\w+)\]/u;

/**
 * Says and calls what an attacker who owns the model would want. Which attack it is, the last user text may choose with
 * a line `[adversary: NAME]`, of a slip its reference; else a hash of the conversation's texts does, so that all rounds of a turn are one attack
 * and a run repeats itself although ids differ from one database to the next.
 */
export async function answerAdversary(req: ModelRequest): Promise<Deed> {
  if (req.slip !== undefined) {
    const { prompt, imageUrl } = req.slip;
    const seen = await readSlip(imageUrl);
    const name = choose(SLIP_NAMES, `${prompt}\n${seen.reference}`, imageUrl ?? "");
    const scene = { prompt, seen, seed: hash(imageUrl ?? "") };
    return { attack: name, ...SLIP_ATTACKS[name](scene) };
  }
  const last = req.burst.join("\n");
  const texts = [...req.history.map((message) => message.text), last].join("\u0000");
  const name = choose(ATTACK_NAMES, last, texts);
  return { attack: name, ...ATTACKS[name](req, hash(texts)) };
}

/** An answer, and the attack that it belongs to: whoever runs the server counts them. */
type Deed = Answer & { attack: AttackName | SlipAttackName };

export const ATTACK_NAMES = Object.keys(ATTACKS) as AttackName[];
export const SLIP_NAMES = Object.keys(SLIP_ATTACKS) as SlipAttackName[];

function choose<Name extends string>(names: Name[], text: string, seedText: string): Name {
  const wanted = CHOSEN.exec(text)?.[1];
  const known = names.find((name) => name === wanted);
  const [first] = names;
  if (first === undefined) throw new Error("There is no attack to choose from.");
  return known ?? names[Number.parseInt(hash(seedText).slice(0, 8), 16) % names.length] ?? first;
}

function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
