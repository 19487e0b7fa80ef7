import { hkdfSync, randomBytes } from "node:crypto";
import { AppError } from "../domain/app-error.ts";
import { newId } from "../domain/id.ts";
import type { ShopId } from "../domain/id.ts";
import type { DataKey, KeyRef, Keyring, KeyRows } from "../domain/ports/keyring.ts";
import type { NewKey } from "../domain/sealing.ts";
import { openEnvelope, sealEnvelope } from "./envelope.ts";
import { loadKeyFiles } from "./keyring-files.ts";
import type { KeyFiles } from "./keyring-files.ts";

/** The keyring inside this process: files of `folder`, wrapped keys through `rows`. */
export async function createKeyring({ folder, rows }: { folder: string; rows: KeyRows }): Promise<Keyring> {
  let files = await loadKeyFiles(folder);

  /** Epochs are added by command while processes run, so an unknown one is looked for once more on disk. */
  async function epochKey(epoch: number): Promise<Buffer> {
    if (!files.epochs.has(epoch)) files = await loadKeyFiles(folder);
    return getEpochKey(files, epoch);
  }

  return {
    async makeKeys(refs) {
      if (refs.length === 0) return [];
      const epoch = await rows.currentEpoch();
      const key = await epochKey(epoch);
      return refs.map((ref) => makeKey(ref, epoch, key));
    },

    async unwrap(wanted) {
      if (wanted.refs.length === 0 && wanted.ids.length === 0) return [];
      const found = await rows.find(wanted);
      const epochs = new Map<number, Buffer>();
      for (const { epoch } of found) if (!epochs.has(epoch)) epochs.set(epoch, await epochKey(epoch));
      return found.map((row) => unwrapKey(row, epochs.get(row.epoch) ?? getEpochKey(files, row.epoch)));
    },

    indexKey: (scope) => Promise.resolve(deriveIndexKey(files.index, scope)),
  };
}

function makeKey(ref: KeyRef, epoch: number, epochKey: Buffer): { row: NewKey; dataKey: DataKey } {
  const { shopId, subjectId, purpose } = ref;
  const id = newId<string>();
  const key = randomBytes(32);
  const unwrapped = { id, shopId, subjectId, purpose, epoch };
  const wrapped = sealEnvelope({
    key: epochKey,
    kid: epochKid(epoch),
    boundTo: keyBinding(unwrapped),
    plaintext: key,
  });
  return { row: { ...unwrapped, wrapped }, dataKey: { id, shopId, subjectId, purpose, key } };
}

function unwrapKey(row: NewKey, epochKey: Buffer): DataKey {
  const { id, shopId, subjectId, purpose } = row;
  try {
    const key = openEnvelope({ key: epochKey, boundTo: keyBinding(row), sealed: row.wrapped });
    return { id, shopId, subjectId, purpose, key };
  } catch (cause) {
    throw new AppError("internal", "keyring.wrong_key", {
      internal: `key ${id} does not open with epoch ${row.epoch}; database and keyring are not of one backup`,
      cause,
    });
  }
}

function keyBinding(row: Omit<NewKey, "wrapped">): string {
  return ["key", row.shopId, row.subjectId, row.purpose, row.id, row.epoch].join("|");
}

function epochKid(epoch: number): Buffer {
  const kid = Buffer.alloc(16);
  kid.writeUInt32BE(epoch, 12);
  return kid;
}

function getEpochKey(files: KeyFiles, epoch: number): Buffer {
  const key = files.epochs.get(epoch);
  if (key !== undefined) return key;
  throw new AppError("internal", "keyring.epoch_missing", {
    internal: `epoch ${epoch} is not in the keyring; database and keyring are not of one backup`,
  });
}

function deriveIndexKey(master: Buffer, scope: ShopId | "platform"): Buffer {
  return Buffer.from(hkdfSync("sha256", master, "", `shopthread|blind index|1|${scope}`, 32));
}
