import { randomBytes } from "node:crypto";
import { availableParallelism } from "node:os";
import { hash, verify } from "@node-rs/argon2";

import { createLimiter } from "../../clients/limiter.ts";

/** argon2id (the default) with 64 MiB, about 80 ms each; more at once would let sign-ins exhaust memory. */
const options = { memoryCost: 65_536, timeCost: 3, parallelism: 1 };
const limited = createLimiter(2 * availableParallelism());

let dummyHash: Promise<string> | undefined;

export function hashPassword(password: string): Promise<string> {
  return limited(() => hash(password.normalize("NFC"), options));
}

/** Takes the same time when there is no such account (`passwordHash` undefined): nobody learns who has one. */
export async function verifyPassword(passwordHash: string | undefined, password: string): Promise<boolean> {
  dummyHash ??= hashPassword(randomBytes(32).toString("base64url"));
  const stored = passwordHash ?? (await dummyHash);
  const isRight = await limited(() => verify(stored, password.normalize("NFC")));
  return isRight && passwordHash !== undefined;
}
