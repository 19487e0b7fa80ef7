import type { ShopTransaction } from "../../db/connection.ts";
import { noteFactor } from "../../db/note-factor.ts";
import { factorSecretPlace, findSecondFactor, useCounter, useRecoveryCode } from "../../db/second-factors.ts";
import type { SecondFactor } from "../../db/second-factors.ts";
import { AppError } from "../../domain/app-error.ts";
import type { AccountId } from "../../domain/id.ts";
import type { ApiDeps } from "../deps.ts";
import { readRecoveryCode } from "./recovery-codes.ts";
import { findCounter } from "./totp.ts";

export type FactorProof =
  | { kind: "code"; accountId: AccountId; counter: number }
  | { kind: "recovery"; accountId: AccountId; codeHash: Buffer };

/** What a text proves, if it was not used before: the code of now, or a recovery code. */
export async function readProof(deps: ApiDeps, accountId: AccountId, text: string): Promise<FactorProof> {
  const codeHash = readRecoveryCode(text);
  if (codeHash !== undefined) return { kind: "recovery", accountId, codeHash };
  const factor = await deps.db.withoutShop((trx) => findSecondFactor(trx, accountId));
  if (factor?.confirmedAt == null) throw codeRefused();
  return { kind: "code", accountId, counter: await readCounter(deps, { accountId, factor, code: text }) };
}

/** Throws `code.refused` when it is not the code of now. */
export async function readCounter(
  deps: ApiDeps,
  { accountId, factor, code }: { accountId: AccountId; factor: SecondFactor; code: string },
): Promise<number> {
  const [secret] = await deps.sealer.open([{ place: factorSecretPlace(accountId), sealed: factor.secret }]);
  if (secret === undefined) throw codeRefused();
  const counter = findCounter(secret.toString("utf8"), code.replaceAll(/\s/g, ""), deps.clock.now());
  if (counter === undefined) throw codeRefused();
  return counter;
}

/** In the transaction of what it allows: throws `code.refused`, and so undoes it, when the code was used before. */
export async function useProof(trx: ShopTransaction, proof: FactorProof, now: Date): Promise<void> {
  const { accountId } = proof;
  const isRight =
    proof.kind === "code" ? await useCounter(trx, proof) : await useRecoveryCode(trx, { ...proof, now });
  if (!isRight) throw codeRefused();
  if (proof.kind === "recovery") await noteFactor(trx, { accountId, kind: "recovery_code.used", now });
}

function codeRefused(): AppError {
  return new AppError("unauthenticated", "code.refused", {
    internal: "wrong, old or used code",
    public: "This code is wrong, or was used before.",
  });
}
