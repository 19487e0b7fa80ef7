import { eraseSubject } from "../../workflows/erase-subject.ts";
import type { ErasureRef, ErasureResult } from "../../workflows/erasure.contract.ts";

export * from "../../workflows/index.ts";

/** Whoever has a person erased, as one step of theirs. */
export function eraseOne(ref: ErasureRef): Promise<ErasureResult> {
  return eraseSubject(ref);
}
