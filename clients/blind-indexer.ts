import { createHmac } from "node:crypto";
import { AppError } from "../domain/app-error.ts";
import type { Keyring } from "../domain/ports/keyring.ts";
import type { BlindIndexer } from "../domain/sealing.ts";

const maxCachedKeys = 10_000;
const indexLength = 16;

/** The values must be normalised before (phones E.164, e-mail lower case NFC): equal means equal bytes. */
export function createBlindIndexer(keyring: Keyring): BlindIndexer {
  const keys = new Map<string, Promise<Buffer>>();

  function keyOf(scope: Parameters<BlindIndexer["index"]>[0]): Promise<Buffer> {
    const cached = keys.get(scope);
    if (cached !== undefined) return cached;
    if (keys.size >= maxCachedKeys) keys.clear();
    const key = keyring.indexKey(scope);
    keys.set(scope, key);
    key.catch(() => keys.delete(scope));
    return key;
  }

  return {
    async index(scope, field, normalisedValue) {
      if (field.includes("\0"))
        throw new AppError("internal", "index.bad_field", { internal: "NUL in field" });
      const hmac = createHmac("sha256", await keyOf(scope));
      return hmac.update(`${scope}\0${field}\0${normalisedValue}`, "utf8").digest().subarray(0, indexLength);
    },
  };
}
