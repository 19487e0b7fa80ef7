import { randomBytes } from "node:crypto";
import { hash, verify } from "@node-rs/argon2";

import { createLimiter } from "../../clients/limiter.ts";
import type { BlindIndexer } from "../../domain/sealing.ts";

/** argon2id (the default) with 64 MiB, about 80 ms each; two at once, so that sign-ins cannot exhaust memory. */
const options = { memoryCost: 65_536, timeCost: 3, parallelism: 1 };
const limited = createLimiter(2);
/** Leads a hash that needs the pepper too. */
const peppered = "$pepper1";

export type Pepper = Buffer;

/** From the keyring's index key, which is no part of the database: a stolen database alone lets nobody guess. */
export function readPepper(blindIndexer: BlindIndexer): Promise<Pepper> {
  return blindIndexer.index("platform", "account.password_pepper", "1");
}

export async function hashPassword(password: string, pepper?: Pepper): Promise<string> {
  const text = password.normalize("NFC");
  if (pepper === undefined) return limited(() => hash(text, options));
  return peppered + (await limited(() => hash(text, { ...options, secret: pepper })));
}

let dummyHash: Promise<string> | undefined;

/** Takes the same time when there is no such account (`passwordHash` undefined): nobody learns who has one. */
export async function verifyPassword(
  passwordHash: string | undefined,
  password: string,
  pepper: Pepper,
): Promise<boolean> {
  dummyHash ??= hashPassword(randomBytes(32).toString("base64url"), randomBytes(16));
  const stored = passwordHash ?? (await dummyHash);
  const text = password.normalize("NFC");
  const isRight = await limited(() =>
    stored.startsWith(peppered)
      ? verify(stored.slice(peppered.length), text, { secret: pepper })
      : verify(stored, text),
  );
  return isRight && passwordHash !== undefined;
}

/** A hash without the pepper, or by weaker parameters than today's: whoever knows the password may renew it. */
export function isWeakHash(passwordHash: string): boolean {
  const [, memory, time] = /\$m=(\d+),t=(\d+),p=\d+\$/.exec(passwordHash) ?? [];
  return (
    !passwordHash.startsWith(`${peppered}$argon2id$`) ||
    Number(memory) < options.memoryCost ||
    Number(time) < options.timeCost
  );
}
