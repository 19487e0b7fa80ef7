import type { Sealer, ToOpen } from "../domain/sealing.ts";

/** Opens texts in one batch; `undefined` where the key is destroyed. */
export async function openText(sealer: Sealer, items: ToOpen[]): Promise<(string | undefined)[]> {
  const opened = await sealer.open(items);
  return opened.map((plaintext) => plaintext?.toString("utf8"));
}
