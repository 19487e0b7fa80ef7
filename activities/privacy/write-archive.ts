import { finished } from "node:stream/promises";
import { Readable } from "node:stream";
import { ZipFile } from "yazl";

import { listLeftOut } from "../../db/inventory/copied-tables.ts";
import { packageSchema } from "../../db/inventory/package-schema.ts";
import { AppError } from "../../domain/app-error.ts";
import type { SubjectId } from "../../domain/id.ts";
import type { PackageKind } from "../../domain/privacy/package.ts";
import type { SubjectKind } from "../../domain/sealing.ts";
import { collectPages } from "./collect-pages.ts";
import type { RowPage } from "./collect-pages.ts";
import type { PackageDeps } from "./package-deps.ts";
import { ReportBuilder } from "./package-report.ts";
import type { PackageScope } from "./package-scopes.ts";
import { ReadablePage } from "./render-page.ts";
import { renderCsv, renderJson, toPlainRow } from "./render-rows.ts";

type Archived = {
  scopes: readonly PackageScope[];
  kind: PackageKind;
  subjectId: SubjectId;
  subjectKind: SubjectKind;
  builtAt: Date;
};

/**
 * The archive as it is made: a page of rows is read when the pieces before it have been taken, so that a large shop is
 * never in memory.
 */
export function writeArchive(
  deps: PackageDeps,
  archived: Archived,
): { bytes: Readable; written: Promise<void> } {
  const zip = new ZipFile();
  const bytes = Readable.from(zip.outputStream, { objectMode: false });
  const written = writeEntries(deps, zip, archived).then(
    () => zip.end(),
    (error: unknown) => {
      bytes.destroy(error instanceof Error ? error : undefined);
      throw error;
    },
  );
  return { bytes, written };
}

async function writeEntries(deps: PackageDeps, zip: ZipFile, archived: Archived): Promise<void> {
  const { scopes, kind, subjectId, subjectKind, builtAt } = archived;
  const report = new ReportBuilder();
  const page = new ReadablePage();
  const add = (name: string, content: string | Buffer) => addEntry(zip, { name, content, at: builtAt });
  for (const scope of scopes) {
    for await (const rows of collectPages(deps, scope)) {
      report.add(rows);
      page.add(rows);
      await addRows(rows, add);
      await addFiles(deps, rows, add);
    }
  }
  const built = report.build(subjectKind);
  const leftOut = listLeftOut([...new Set(scopes.flatMap(({ tables }) => tables))]);
  const manifest = { format: 1, kind, subject: subjectId, builtAt: builtAt.toISOString(), ...built, leftOut };
  await add("package.json", `${JSON.stringify(manifest, null, 1)}\n`);
  await add("schema.json", `${JSON.stringify(packageSchema(), null, 1)}\n`);
  await add("index.html", page.render({ report: built, builtAt }));
}

type Add = (name: string, content: string | Buffer) => Promise<void>;

async function addRows({ scope, table, part, rows }: RowPage, add: Add): Promise<void> {
  const plain = rows.map(toPlainRow);
  const name = `${scope.folder}/${table}${part === 1 ? "" : `-${part}`}`;
  await add(`${name}.json`, renderJson(table, plain));
  await add(`${name}.csv`, renderCsv(plain));
}

async function addFiles(deps: PackageDeps, { scope, files }: RowPage, add: Add): Promise<void> {
  for (const { objectId, key } of files) {
    const bytes = await deps.objects.get(objectId, key).catch(unlessMissing);
    if (bytes !== undefined) await add(`${scope.folder}/files/${objectId}.jpg`, bytes);
  }
}

/** Its row may have been read a moment before it went. */
function unlessMissing(error: unknown): undefined {
  if (error instanceof AppError && error.code === "object.missing") return undefined;
  throw error;
}

async function addEntry(
  zip: ZipFile,
  { name, content, at }: { name: string; content: string | Buffer; at: Date },
): Promise<void> {
  const source = Readable.from([Buffer.from(content)]);
  zip.addReadStream(source, name, { mtime: at, mode: 0o100_600 });
  await finished(source);
}
