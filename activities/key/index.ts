import { AppError } from "../../domain/app-error.ts";
import type { Clock } from "../../domain/clock.ts";
import type { KeyRotator } from "../../domain/ports/keyring.ts";
import type { KeyRotationActivities } from "../../workflows/key-rotation.contract.ts";
import type { ActivityDeps } from "../deps.ts";
import { rewrapKeys } from "./rewrap-keys.ts";

export type KeyDeps = Pick<ActivityDeps, "log" | "atStep"> & {
  clock: Clock;
  keyRotator: KeyRotator;
  /** How long a process may use a data key that it holds. */
  keyCacheTtlMs: number;
};

/** Each is safe to run twice, and beside itself: the epoch's row says what is done, and rows that moved on are left alone. */
export function createKeyRotationActivities(deps: KeyDeps): KeyRotationActivities {
  const { keyRotator, clock, keyCacheTtlMs, log } = deps;
  return {
    closeKeyEpoch: async () => {
      const epoch = await keyRotator.closeEpoch(clock.now());
      log.info({ epoch }, "key.epoch_closed");
      return { version: 1, epoch, waitMs: keyCacheTtlMs };
    },
    rewrapKeys: ({ epoch }) => rewrapKeys(deps, epoch),
    countKeysLeft: ({ epoch }) => keyRotator.countKeys(epoch),
    destroyKeyEpoch: async ({ epoch }) => {
      const isDestroyed = await destroyUnlessUsed(deps, epoch);
      log.info({ epoch }, isDestroyed ? "key.epoch_destroyed" : "key.epoch_kept");
      return isDestroyed;
    },
  };
}

async function destroyUnlessUsed({ keyRotator, clock }: KeyDeps, epoch: number): Promise<boolean> {
  try {
    await keyRotator.destroyEpoch(epoch, clock.now());
    return true;
  } catch (error) {
    if (error instanceof AppError && error.code === "key.epoch_in_use") return false;
    throw error;
  }
}
