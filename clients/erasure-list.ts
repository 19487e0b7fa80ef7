import { createHash } from "node:crypto";
import { mkdir, open, readFile } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { z } from "zod";

import { AppError } from "../domain/app-error.ts";
import type { ShopId, SubjectId } from "../domain/id.ts";
import type { ErasureEntry, ErasureList } from "../domain/ports/erasure-list.ts";
import { purposesOf } from "../domain/sealing.ts";
import type { Purpose } from "../domain/sealing.ts";
import { hasErrorCode, syncFolder } from "./private-file.ts";

const purposes = Object.values(purposesOf).flat() as [Purpose, ...Purpose[]];
const Line = z.object({
  shopId: z.uuid().transform((id) => id as ShopId),
  subjectId: z.uuid().transform((id) => id as SubjectId),
  purposes: z.array(z.enum(purposes)),
  at: z.iso.datetime().transform((at) => new Date(at)),
  sum: z.string(),
});

/** A file to which lines of JSON are added; one append is one write, so that processes do not cut each other's. */
export function createErasureList(path: string): ErasureList {
  return {
    async append(entries) {
      if (entries.length === 0) return;
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      const file = await open(path, "a+", 0o600);
      try {
        const start = (await isCutOff(file)) ? "\n" : "";
        await file.appendFile(start + entries.map(renderLine).join(""));
        await file.sync();
      } finally {
        await file.close();
      }
      await syncFolder(dirname(path));
    },

    async read() {
      const text = await readFile(path, "utf8").catch((error: unknown) => {
        if (hasErrorCode(error, "ENOENT")) return "";
        throw error;
      });
      return text.split("\n").flatMap((line, index) => readLine(line, `line ${index + 1} of ${path}`));
    },
  };
}

function renderLine(entry: ErasureEntry): string {
  return `${JSON.stringify({ ...entry, sum: sumOf(entry) })}\n`;
}

/** A line that a power cut tore was not answered for, so its key is not destroyed. One that is whole and wrong was changed. */
function readLine(line: string, where: string): ErasureEntry[] {
  if (!line.endsWith("}")) return [];
  const parsed = Line.safeParse(parseJson(line));
  if (parsed.success) {
    const { sum, ...entry } = parsed.data;
    if (sum === sumOf(entry)) return [entry];
  }
  throw new AppError("internal", "erasure_list.damaged", {
    internal: `${where} is damaged: put the list back from a copy of it`,
  });
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function sumOf({ shopId, subjectId, purposes, at }: ErasureEntry): string {
  const text = [shopId, subjectId, purposes.join(","), at.toISOString()].join("|");
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}

async function isCutOff(file: FileHandle): Promise<boolean> {
  const { size } = await file.stat();
  if (size === 0) return false;
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer.toString("latin1") !== "\n";
}
