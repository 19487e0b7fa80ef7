import { AppError } from "../domain/app-error.ts";
import type { EpochRows, KeyRotator } from "../domain/ports/keyring.ts";
import type { NewKey } from "../domain/sealing.ts";
import { getEpochKey, unwrapKey, wrapKey } from "./key-wrapping.ts";
import { createEpochFile, destroyEpochFile, loadKeyFiles } from "./keyring-files.ts";

/** Changes the epoch key: files of `folder`, rows under the login of the keyring. */
export function createKeyRotator({ folder, rows }: { folder: string; rows: EpochRows }): KeyRotator {
  return {
    async closeEpoch(now) {
      for (;;) {
        const closing = await rows.findClosing();
        if (closing !== undefined) return closing;
        const open = await rows.currentEpoch();
        await createEpochFile(folder, open + 1); // before its row: whoever reads the row finds the key
        if (await rows.openNext({ open, now })) return open;
      }
    },

    async rewrapKeys({ epoch, after, limit }) {
      const keys = await rows.listKeys({ epoch, after, limit });
      if (keys.length === 0) return { replaced: 0, damaged: 0, last: null };
      const to = await rows.currentEpoch();
      if (to === epoch) return { replaced: 0, damaged: 0, last: null }; // of a database that was put back
      const rewrapped = await rewrap(folder, keys, { from: epoch, to });
      const replaced =
        rewrapped.length > 0 ? await rows.replaceKeys({ from: epoch, to, keys: rewrapped }) : 0;
      const last = keys.length < limit ? null : (keys.at(-1)?.id ?? null);
      return { replaced, damaged: keys.length - rewrapped.length, last };
    },

    countKeys: (epoch) => rows.countKeys(epoch),

    /** The row says `closed` before the key goes and `destroyed` after it: killed between, it is done again. */
    async destroyEpoch(epoch, now) {
      if (!(await rows.settleEmpty(epoch))) return;
      await destroyEpochFile(folder, epoch);
      await rows.markDestroyed(epoch, now);
    },
  };
}

/** Those that open; a damaged one is left to whoever mends it, and keeps its epoch from being destroyed. */
async function rewrap(
  folder: string,
  keys: NewKey[],
  { from, to }: { from: number; to: number },
): Promise<NewKey[]> {
  const files = await loadKeyFiles(folder);
  const [fromKey, toKey] = [getEpochKey(files, from), getEpochKey(files, to)];
  return keys.flatMap((row) => {
    try {
      return wrapKey(unwrapKey(row, fromKey), to, toKey);
    } catch (error) {
      if (error instanceof AppError && error.code === "keyring.wrong_key") return [];
      throw error;
    }
  });
}
