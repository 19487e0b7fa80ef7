import { setTimeout as wait } from "node:timers/promises";

import type { Owner } from "../../test/support/people.ts";
import type { Random } from "./random.ts";

/** A decision that a person asked for, with all the answers that its key got. */
export type AskedDecision = { path: string; at: number; statuses: number[] };
/** Somebody who decides through the API. */
export type Asker = { owner: Owner; random: Random; diary: { decisions: AskedDecision[] } };

const askAgainMs = 700;

type Answer = { status: number; code: string | undefined };

/** Not known, not now, or being carried out: the same key is offered again. */
function isUndecided({ status, code }: Answer): boolean {
  return status === 503 || status === 504 || code === "idempotency.in_progress";
}

/** Asks until there is an answer, each time with the same key; sometimes twice at once, as an impatient thumb does. */
export async function decide(
  asker: Asker,
  { path, body = {}, isOver }: { path: string; body?: object; isOver: () => boolean },
): Promise<number | undefined> {
  const key = `${asker.random.int(0, 2 ** 31 - 1)}-${asker.diary.decisions.length}-${path.slice(-12)}`;
  const asked: AskedDecision = { path, at: Date.now(), statuses: [] };
  asker.diary.decisions.push(asked);
  const isDouble = asker.random.chance(0.15);
  while (!isOver()) {
    const answers = await Promise.all(
      Array.from({ length: isDouble ? 2 : 1 }, () => askOnce(asker, { path, body, key })),
    );
    for (const answer of answers) {
      if (answer !== undefined) asked.statuses.push(answer.status);
    }
    const final = answers.find((answer) => answer !== undefined && !isUndecided(answer));
    if (final) return final.status;
    await wait(askAgainMs);
  }
  return undefined;
}

async function askOnce(
  { owner }: Asker,
  { path, body, key }: { path: string; body: object; key: string },
): Promise<Answer | undefined> {
  try {
    const answer = await owner.postOnce(path, body, key);
    const { code } = (await answer.json().catch(() => ({}))) as { code?: string };
    return { status: answer.status, code };
  } catch (error) {
    if (isOutage(error)) return undefined;
    throw error;
  }
}

/** The API was not there, or could not look now. */
export function isOutage(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return (
    error.message.includes("fetch failed") ||
    /: 50[034] /.test(error.message) ||
    error.name === "TimeoutError" ||
    error.message.includes("terminated")
  );
}
