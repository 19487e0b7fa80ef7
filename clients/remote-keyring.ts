import { Agent as HttpAgent, request as requestHttp } from "node:http";
import type { IncomingMessage } from "node:http";
import { Agent as HttpsAgent, request as requestHttps } from "node:https";
import type { z } from "zod";

import { AppError } from "../domain/app-error.ts";
import type { DataKey, KeyRotator, Keyring } from "../domain/ports/keyring.ts";
import type { NewKey } from "../domain/sealing.ts";
import {
  closeEpochAnswer,
  countKeysAnswer,
  doneAnswer,
  indexKeyAnswer,
  makeKeysAnswer,
  rewrapAnswer,
  unwrapAnswer,
} from "./keyring-wire.ts";

export type RemoteKeyringOptions = {
  baseUrl: string;
  /** Shared secret of the keyring and those who may ask it. */
  token: string;
  /** Needed where it is not on this machine. */
  tls?: MutualTls | undefined;
  timeoutMs?: number;
};

/** In PEM form: who vouches for both, and who we are. */
export type MutualTls = { ca: Buffer; cert: Buffer; key: Buffer };

/** A keyring in a process of its own. While it is away nothing can be sealed or opened: there is no plaintext fallback. */
export function createRemoteKeyring(given: RemoteKeyringOptions): Keyring {
  const options = { ...given, post: postTo(given) };
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

/** The part of the same process that changes the epoch key. */
export function createRemoteKeyRotator(given: RemoteKeyringOptions): KeyRotator {
  const options = { ...given, post: postTo(given) };
  return {
    closeEpoch: async (now) =>
      (await ask(options, { path: "close-epoch", body: { now }, answer: closeEpochAnswer })).epoch,
    rewrapKeys: (page) => ask(options, { path: "rewrap", body: page, answer: rewrapAnswer }),
    countKeys: async (epoch) =>
      (await ask(options, { path: "count", body: { epoch }, answer: countKeysAnswer })).count,
    destroyEpoch: async (epoch, now) => {
      await ask(options, { path: "destroy-epoch", body: { epoch, now }, answer: doneAnswer });
    },
  };
}

const defaultTimeoutMs = 5_000;

type Answered = { status: number; text: string };
type Post = (url: string, given: { token: string; body: string; timeoutMs: number }) => Promise<Answered>;

async function ask<Answer extends z.ZodType>(
  { baseUrl, token, post, timeoutMs = defaultTimeoutMs }: RemoteKeyringOptions & { post: Post },
  { path, body, answer }: { path: string; body: object; answer: Answer },
): Promise<z.output<Answer>> {
  let answered: Answered;
  try {
    answered = await post(`${baseUrl}/v1/keys/${path}`, { token, body: JSON.stringify(body), timeoutMs });
  } catch (cause) {
    throw away("no answer", cause);
  }
  const { status, text } = answered;
  if (status === 409)
    throw new AppError("conflict", "key.epoch_in_use", { internal: `${path}: the epoch is in use` });
  if (status >= 500) throw away(`status ${status}`, undefined);
  const parsed = status === 200 ? answer.safeParse(JSON.parse(text)) : undefined;
  if (parsed?.success) return parsed.data;
  throw new AppError("internal", "keyring.refused", { internal: `${path}: status ${status}` });
}

function postTo({ baseUrl, tls }: RemoteKeyringOptions): Post {
  const isSecure = baseUrl.startsWith("https:");
  const agent = isSecure
    ? new HttpsAgent({ keepAlive: true, minVersion: "TLSv1.3", ...tls })
    : new HttpAgent({ keepAlive: true });
  return postWith(isSecure ? requestHttps : requestHttp, agent);
}

/** Not `fetch`: it cannot show a certificate of ours. */
function postWith(request: typeof requestHttps, agent: HttpAgent): Post {
  return async (url, { token, body, timeoutMs }) => {
    const headers = {
      authorization: `Bearer ${token}`,
      "content-type": "application/json",
      "content-length": Buffer.byteLength(body),
    };
    const signal = AbortSignal.timeout(timeoutMs);
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      request(url, { method: "POST", agent, headers, signal }, resolve).on("error", reject).end(body);
    });
    const chunks: Buffer[] = [];
    for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
    return { status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString("utf8") };
  };
}

function away(internal: string, cause: unknown): AppError {
  return new AppError("unavailable", "keyring.away", { internal, cause, retryAfterSeconds: 2 });
}
