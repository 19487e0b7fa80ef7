import { mkdir, open, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { z } from "zod";

import { AppError } from "../domain/app-error.ts";
import type { ShopId } from "../domain/id.ts";
import type { AuditHeads, WrittenHead } from "../domain/ports/audit-heads.ts";

const Line = z.strictObject({
  shopId: z.uuid().transform((id) => id as ShopId),
  sequence: z.int().positive(),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  lastAt: z.iso.datetime(),
  at: z.iso.datetime(),
});

/** Heads of the audit logs, a line of JSON each. It is flushed to the disk before anybody counts on it. */
export function createAuditHeadFile(path: string): AuditHeads {
  return {
    append: async (heads) => {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      const file = await open(path, "a", 0o600);
      try {
        // Begins a line, in case that a crash has cut the one before.
        await file.appendFile(heads.map((head) => `\n${JSON.stringify(head)}`).join("") + "\n");
        await file.datasync();
      } finally {
        await file.close();
      }
    },
    read: async () => parseHeads(await readFile(path, "utf8").catch(emptyIfMissing)),
  };
}

/** A line that a crash has cut was not counted on: it is left out. Any other that cannot be read is an error. */
export function parseHeads(text: string): WrittenHead[] {
  return text.split("\n").flatMap((line, index) => {
    if (!line.endsWith("}")) return [];
    const parsed = Line.safeParse(parseJson(line));
    if (parsed.success) return parsed.data;
    throw new AppError("invalid", "audit.heads_unreadable", {
      internal: `line ${index + 1} of the audit heads cannot be read`,
      public: `Line ${index + 1} of the audit heads cannot be read.`,
    });
  });
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function emptyIfMissing(error: unknown): string {
  if ((error as { code?: unknown }).code === "ENOENT") return "";
  throw error;
}
