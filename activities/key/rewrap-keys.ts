import { AppError } from "../../domain/app-error.ts";
import type { KeyDeps } from "./index.ts";

/** Keys of one statement. */
const limit = 500;

/**
 * Safe to run twice: a key that has moved on is no longer the epoch's, so a killed run begins with what is left. One that
 * does not open is passed over, and fails the run when all others are done: its epoch must not go before it is mended.
 */
export async function rewrapKeys(
  { keyRotator, log, atStep }: Pick<KeyDeps, "keyRotator" | "log" | "atStep">,
  epoch: number,
): Promise<{ replaced: number }> {
  const total = { replaced: 0, damaged: 0 };
  for (let after: string | null = null; ;) {
    const page = await keyRotator.rewrapKeys({ epoch, after, limit });
    total.replaced += page.replaced;
    total.damaged += page.damaged;
    await atStep("key.page_rewrapped");
    if (page.last === null) break;
    log.info({ epoch, ...total }, "key.rewrapping");
    after = page.last;
  }
  if (total.damaged === 0) return { replaced: total.replaced };
  throw new AppError("internal", "key.damaged", {
    internal: `${total.damaged} keys of epoch ${epoch} do not open: restore their rows from a backup, or erase their subjects`,
  });
}
