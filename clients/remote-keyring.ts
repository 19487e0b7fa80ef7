import type { z } from "zod";

import { AppError } from "../domain/app-error.ts";
import type { DataKey, Keyring } from "../domain/ports/keyring.ts";
import type { NewKey } from "../domain/sealing.ts";
import { indexKeyAnswer, makeKeysAnswer, unwrapAnswer } from "./keyring-wire.ts";

export type RemoteKeyringOptions = {
  baseUrl: string;
  /** Shared secret of the keyring and those who may ask it. */
  token: string;
  timeoutMs?: number;
};

/** A keyring in a process of its own. While it is away nothing can be sealed or opened: there is no plaintext fallback. */
export function createRemoteKeyring(options: RemoteKeyringOptions): Keyring {
  const indexKeys = new Map<string, Buffer>();
  return {
    makeKeys: async (refs) => {
      if (refs.length === 0) return [];
      const { keys } = await ask(options, { path: "make", body: { refs }, answer: makeKeysAnswer });
      return keys as { row: NewKey; dataKey: DataKey }[]; // ids come back as they were sent
    },
    unwrap: async (wanted) => {
      if (wanted.refs.length + wanted.ids.length === 0) return [];
      const { keys } = await ask(options, { path: "unwrap", body: wanted, answer: unwrapAnswer });
      return keys as DataKey[];
    },
    indexKey: async (scope) => {
      const known = indexKeys.get(scope);
      if (known) return known;
      const { key } = await ask(options, { path: "index-key", body: { scope }, answer: indexKeyAnswer });
      indexKeys.set(scope, key);
      return key;
    },
  };
}

const defaultTimeoutMs = 5_000;

async function ask<Answer extends z.ZodType>(
  { baseUrl, token, timeoutMs = defaultTimeoutMs }: RemoteKeyringOptions,
  { path, body, answer }: { path: string; body: object; answer: Answer },
): Promise<z.output<Answer>> {
  let response: Response;
  try {
    response = await fetch(`${baseUrl}/v1/keys/${path}`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify(body),
      redirect: "error",
      signal: AbortSignal.timeout(timeoutMs),
    });
  } catch (cause) {
    throw away("no answer", cause);
  }
  if (response.status >= 500) throw away(`status ${response.status}`, undefined);
  const parsed = response.ok ? answer.safeParse(await response.json()) : undefined;
  if (parsed?.success) return parsed.data;
  throw new AppError("internal", "keyring.refused", { internal: `${path}: status ${response.status}` });
}

function away(internal: string, cause: unknown): AppError {
  return new AppError("unavailable", "keyring.away", { internal, cause, retryAfterSeconds: 2 });
}
