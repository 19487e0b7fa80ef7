import { hkdfSync, randomBytes } from "node:crypto";
import { AppError } from "../domain/app-error.ts";
import { newId } from "../domain/id.ts";
import type { ShopId } from "../domain/id.ts";
import type { DataKey, KeyRef, Keyring, KeyRows } from "../domain/ports/keyring.ts";
import type { NewKey } from "../domain/sealing.ts";
import { getEpochKey, unwrapKey, wrapKey } from "./key-wrapping.ts";
import { loadKeyFiles } from "./keyring-files.ts";

export type KeyringOptions = {
  folder: string;
  rows: KeyRows;
  /** How long the files' keys stay in memory: an epoch that is destroyed elsewhere is forgotten here. */
  filesTtlMs?: number;
  monotonicMs?: () => number;
};

/** The keyring inside this process: files of `folder`, wrapped keys through `rows`. */
export async function createKeyring(options: KeyringOptions): Promise<Keyring> {
  const { folder, rows, filesTtlMs = 60_000, monotonicMs = () => performance.now() } = options;
  let files = await loadKeyFiles(folder);
  let loadedAtMs = monotonicMs();

  /** Epochs come and go while processes run, so an unknown one is looked for once more on disk. */
  async function epochKey(epoch: number): Promise<Buffer> {
    if (!files.epochs.has(epoch) || monotonicMs() - loadedAtMs > filesTtlMs) {
      files = await loadKeyFiles(folder);
      loadedAtMs = monotonicMs();
    }
    return getEpochKey(files, epoch);
  }

  return {
    async makeKeys(refs) {
      if (refs.length === 0) return [];
      return onceMoreIfEpochIsGone(async () => {
        const epoch = await rows.currentEpoch();
        const key = await epochKey(epoch);
        return refs.map((ref) => makeKey(ref, epoch, key));
      });
    },

    async unwrap(wanted) {
      if (wanted.refs.length === 0 && wanted.ids.length === 0) return [];
      return onceMoreIfEpochIsGone(async () => {
        const found = await rows.find(wanted);
        const epochs = new Map<number, Buffer>();
        for (const { epoch } of found) if (!epochs.has(epoch)) epochs.set(epoch, await epochKey(epoch));
        return found.map((row) => unwrapKey(row, epochs.get(row.epoch) ?? getEpochKey(files, row.epoch)));
      });
    },

    indexKey: (scope) => Promise.resolve(deriveIndexKey(files.index, scope)),
  };
}

/** Between the row and the file a rotation may have ended: the rows name another epoch by then. */
async function onceMoreIfEpochIsGone<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "keyring.epoch_missing") throw error;
    return work();
  }
}

function makeKey(ref: KeyRef, epoch: number, epochKey: Buffer): { row: NewKey; dataKey: DataKey } {
  const { shopId, subjectId, purpose } = ref;
  const dataKey = { id: newId<string>(), shopId, subjectId, purpose, key: randomBytes(32) };
  return { row: wrapKey(dataKey, epoch, epochKey), dataKey };
}

function deriveIndexKey(master: Buffer, scope: ShopId | "platform"): Buffer {
  return Buffer.from(hkdfSync("sha256", master, "", `shopthread|blind index|1|${scope}`, 32));
}
