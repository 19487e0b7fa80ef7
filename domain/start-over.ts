import { AppError } from "./app-error.ts";

/** Epochs change once a week: who loses twice in a row meets something else. */
const mostStarts = 3;

/**
 * Runs anew what made keys and lost the race to store them, because their epoch was closed meanwhile. `work` makes the
 * keys, seals and writes in one transaction, and has no other effect.
 */
export async function startOverWhenEpochCloses<T>(work: () => Promise<T>): Promise<T> {
  for (let start = 1; ; start += 1) {
    try {
      return await work();
    } catch (error) {
      const hasClosed = error instanceof AppError && error.code === "key.epoch_closed";
      if (!hasClosed || start === mostStarts) throw error;
    }
  }
}
