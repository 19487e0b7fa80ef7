import { appendAccountEvent } from "../../db/account-events.ts";
import { endSession } from "../../db/sessions.ts";
import type { StoredSession } from "../../db/system.ts";
import { AppError } from "../../domain/app-error.ts";
import type { ApiDeps } from "../deps.ts";
import { takePoint } from "./rate-limits.ts";
import type { RateLimits } from "./rate-limits.ts";

type Parts = { deps: ApiDeps; limits: RateLimits };
type Guess<T> = { session: StoredSession; of: "codes" | "passwords"; prove: () => Promise<T> };

/** In a row, within a day: nobody mistypes so often. */
const mostRefusals = 20;

const refusals = new Set(["code.refused", "step_up.refused", "password.wrong"]);

/**
 * A proof that a session gives: so many in a while, and after too many refusals in a row the session ends. Counted by
 * session: whoever stole one shuts out nobody but himself.
 */
export async function takeGuess<T>({ deps, limits }: Parts, { session, of, prove }: Guess<T>): Promise<T> {
  const [tried, refused] =
    of === "codes"
      ? [limits.sessionCodes, limits.refusedCodes]
      : [limits.sessionPasswords, limits.refusedPasswords];
  await takePoint(tried, session.id);
  try {
    const proven = await prove();
    await refused.delete(session.id);
    return proven;
  } catch (error) {
    if (!(error instanceof AppError) || !refusals.has(error.code)) throw error;
    const { consumedPoints: inARow } = await refused.consume(session.id);
    if (inARow >= mostRefusals) await endGuessing(deps, session, of);
    throw error;
  }
}

async function endGuessing(
  { db, clock }: ApiDeps,
  { id, accountId }: StoredSession,
  of: "codes" | "passwords",
): Promise<void> {
  const now = clock.now();
  await db.withoutShop(async (trx) => {
    if (!(await endSession(trx, { id, now }))) return;
    const kind = `${of}.often_refused` as const;
    await appendAccountEvent(trx, { accountId, kind, businessKey: id, data: { sessionId: id }, now });
  });
}
