import { fromBuffer } from "yauzl";
import type { Entry, ZipFile } from "yauzl";

import { buildPackage } from "../../activities/privacy/build-package.ts";
import type { PackageAsked } from "../../activities/privacy/build-package.ts";
import type { PackageDeps } from "../../activities/privacy/package-deps.ts";
import { findPackageOf, packageTokenPlace } from "../../db/privacy-packages.ts";
import { newId } from "../../domain/id.ts";
import type { OwnerWorld } from "../api/owner-world.ts";
import { upkeepDeps } from "./upkeep-deps.ts";

/** The archive's files by their names. */
export type Archive = Map<string, string>;

export type Asked = Omit<PackageAsked, "requestId"> & { requestId?: string };

/** Builds a package as the worker does. Answers the request by which it is found. */
export async function build(world: OwnerWorld, asked: Asked, given: Partial<PackageDeps> = {}) {
  const whole = { requestId: newId<string>(), ...asked };
  const built = await buildPackage({ ...upkeepDeps(world), ...given }, whole);
  return { ...built, asked: whole, code: await readCode(world, whole) };
}

async function readCode(world: OwnerWorld, asked: PackageAsked): Promise<string> {
  const row = await world.worker.withShop(asked.shopId, (trx) => findPackageOf(trx, asked));
  if (row === undefined) throw new Error("no package");
  const holder = { shopId: row.shop_id, subjectId: row.subject_id, purpose: row.purpose };
  const [code] = await world.deps.sealer.open([
    { place: packageTokenPlace(holder, row.id), sealed: row.token },
  ]);
  return String(code);
}

export async function download(world: OwnerWorld, code: string): Promise<Archive> {
  const answer = await world.ask("GET", `/v1/privacy-packages/${code}`);
  if (answer.status !== 200) throw new Error(`status ${answer.status}`);
  return unzip(answer.bytes);
}

export function unzip(bytes: Buffer): Promise<Archive> {
  return new Promise((resolve, reject) => {
    const files: Archive = new Map();
    fromBuffer(bytes, { lazyEntries: true }, (error, zip) => {
      if (error) return reject(error);
      zip.on("entry", (entry: Entry) => readEntry(zip, entry, files, reject));
      zip.on("error", reject);
      zip.on("end", () => resolve(files));
      zip.readEntry();
    });
  });
}

function readEntry(zip: ZipFile, entry: Entry, files: Archive, reject: (error: Error) => void): void {
  zip.openReadStream(entry, (error, stream) => {
    if (error) return reject(error);
    const chunks: Buffer[] = [];
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.on("error", reject);
    stream.on("end", () => {
      files.set(entry.fileName, Buffer.concat(chunks).toString("utf8"));
      zip.readEntry();
    });
  });
}
