import { mkdir, open, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { z } from "zod";

import type { ShopId, SubjectId } from "../domain/id.ts";
import type { ErasureList } from "../domain/ports/erasure-list.ts";
import { purposesOf } from "../domain/sealing.ts";
import type { Purpose } from "../domain/sealing.ts";
import { hasErrorCode } from "./private-file.ts";

const purposes = Object.values(purposesOf).flat() as [Purpose, ...Purpose[]];
const entry = z.object({
  shopId: z.uuid().transform((id) => id as ShopId),
  subjectId: z.uuid().transform((id) => id as SubjectId),
  purposes: z.array(z.enum(purposes)),
  at: z.iso.datetime().transform((at) => new Date(at)),
});

/** A file to which lines are added; one line is one write, so that processes do not cut each other's. */
export function createErasureList(path: string): ErasureList {
  return {
    async append(entries) {
      if (entries.length === 0) return;
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      const file = await open(path, "a", 0o600);
      try {
        await file.write(entries.map((one) => `${JSON.stringify(one)}\n`).join(""));
        await file.sync();
      } finally {
        await file.close();
      }
    },
    async read() {
      const text = await readFile(path, "utf8").catch((error: unknown) => {
        if (hasErrorCode(error, "ENOENT")) return "";
        throw error;
      });
      // A line that was cut off by a power cut was not answered for, and its key is not destroyed.
      const lines = text.slice(0, text.lastIndexOf("\n") + 1).split("\n");
      return lines.filter((line) => line !== "").map((line) => entry.parse(JSON.parse(line)));
    },
  };
}
