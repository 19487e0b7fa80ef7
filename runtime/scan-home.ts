import type { Dirent } from "node:fs";
import { open, readdir } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { createByteSearch } from "./byte-search.ts";
import type { ByteSearch, Finding } from "./byte-search.ts";
import { listForms } from "./canary-forms.ts";
import type { Canary } from "./canary-forms.ts";

export type Hit = Finding & { file: string };

export type ScanReport = {
  hits: Hit[];
  files: number;
  bytes: number;
  /** What could not be read, and so proves nothing. */
  unread: string[];
};

/** The simulators keep a world of their own: what Meta and the model know is not ours to seal. */
const excluded = ["sim"];
const chunkBytes = 64 * 1024 * 1024;
const overlapBytes = 1024 * 1024;

/** Searches every file of a state folder for the canaries, in every form that `canary-forms.ts` lists. */
export async function scanHome(home: string, canaries: Canary[]): Promise<ScanReport> {
  const search = createByteSearch(listForms(canaries));
  const report: ScanReport = { hits: [], files: 0, bytes: 0, unread: [] };
  for await (const path of listFiles(home, home)) {
    const file = relative(home, path);
    try {
      const { findings, size } = await searchFile(path, search);
      report.files += 1;
      report.bytes += size;
      report.hits.push(...findings.map((finding) => ({ ...finding, file })));
      report.hits.push(
        ...search.search(Buffer.from(file)).map((finding) => ({ ...finding, file: "a file's name" })),
      );
    } catch (error) {
      if (!hasVanished(error)) report.unread.push(file);
    }
  }
  return report;
}

async function* listFiles(home: string, folder: string): AsyncGenerator<string> {
  for (const entry of await entriesOf(folder, home)) {
    const path = join(folder, entry.name);
    if (excluded.includes(relative(home, path).split(sep).join("/"))) continue;
    if (entry.isDirectory()) yield* listFiles(home, path);
    else if (entry.isFile()) yield path;
  }
}

async function entriesOf(folder: string, home: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (folder !== home && hasVanished(error)) return [];
    throw error;
  }
}

/** Chunks overlap, so that a canary on the border is whole in one of them. */
async function searchFile(path: string, search: ByteSearch): Promise<{ findings: Finding[]; size: number }> {
  const file = await open(path, "r");
  try {
    const findings: Finding[] = [];
    const overlap = Math.max(overlapBytes, search.longest);
    for (let start = 0; ; start += chunkBytes) {
      const { buffer, bytesRead } = await file.read(
        Buffer.allocUnsafe(await sizeFrom(file, start, overlap)),
        {
          position: start,
        },
      );
      const found = search.search(buffer.subarray(0, bytesRead));
      findings.push(...found.map((finding) => ({ ...finding, offset: finding.offset + start })));
      if (bytesRead <= chunkBytes) return { findings: uniqueForms(findings), size: start + bytesRead };
    }
  } finally {
    await file.close();
  }
}

async function sizeFrom(
  file: { stat(): Promise<{ size: number }> },
  start: number,
  overlap: number,
): Promise<number> {
  const { size } = await file.stat();
  return Math.min(Math.max(size - start, 1), chunkBytes + overlap);
}

function uniqueForms(findings: Finding[]): Finding[] {
  return [
    ...new Map(
      findings.toReversed().map((finding) => [`${finding.canary} ${finding.form}`, finding]),
    ).values(),
  ];
}

function hasVanished(error: unknown): boolean {
  return (error as { code?: unknown }).code === "ENOENT";
}
