import { AppError } from "../domain/app-error.ts";
import type { DataKey } from "../domain/ports/keyring.ts";
import type { NewKey } from "../domain/sealing.ts";
import { openEnvelope, sealEnvelope } from "./envelope.ts";
import type { KeyFiles } from "./keyring-files.ts";

export function wrapKey(dataKey: DataKey, epoch: number, epochKey: Buffer): NewKey {
  const { key, ...rest } = dataKey;
  const unwrapped = { ...rest, epoch };
  const wrapped = sealEnvelope({
    key: epochKey,
    kid: epochKid(epoch),
    boundTo: keyBinding(unwrapped),
    plaintext: key,
  });
  return { ...unwrapped, wrapped };
}

/** Throws `keyring.wrong_key` when it is damaged, was moved, or belongs to another keyring. */
export function unwrapKey(row: NewKey, epochKey: Buffer): DataKey {
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

export function getEpochKey(files: KeyFiles, epoch: number): Buffer {
  const key = files.epochs.get(epoch);
  if (key !== undefined) return key;
  throw new AppError("internal", "keyring.epoch_missing", {
    internal: `epoch ${epoch} is not in the keyring; database and keyring are not of one backup`,
  });
}

function keyBinding(row: Omit<NewKey, "wrapped">): string {
  return ["key", row.shopId, row.subjectId, row.purpose, row.id, row.epoch].join("|");
}

function epochKid(epoch: number): Buffer {
  const kid = Buffer.alloc(16);
  kid.writeUInt32BE(epoch, 12);
  return kid;
}
