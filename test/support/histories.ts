import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { PayloadKey } from "../../clients/payload-codec.ts";
import type { HistoryJson } from "../../runtime/describe-history.ts";

export const historiesFolder = fileURLToPath(new URL("../histories/", import.meta.url));

/** Histories are recorded under this key, so that everybody can read them; it seals nothing else. */
export const historiesKey: PayloadKey = {
  id: "payload-1",
  key: Buffer.from("histories are sealed by this key"),
};

export type RecordedHistory = { name: string; history: HistoryJson };

/** As Temporal kept them: sealed. */
export function readHistories(): RecordedHistory[] {
  return readdirSync(historiesFolder)
    .filter((name) => name.endsWith(".json"))
    .map((name) => ({
      name: name.replace(/\.json$/, ""),
      history: JSON.parse(readFileSync(historiesFolder + name, "utf8")) as HistoryJson,
    }));
}
