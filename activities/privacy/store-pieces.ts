import type { Readable } from "node:stream";

import { insertLooseObjects } from "../../db/loose-objects.ts";
import { packagePartPlace } from "../../db/privacy-packages.ts";
import type { NewPart } from "../../db/privacy-packages.ts";
import { newId } from "../../domain/id.ts";
import type { ObjectId, ShopId, SubjectId } from "../../domain/id.ts";
import type { Purpose } from "../../domain/sealing.ts";
import type { PackageDeps } from "./package-deps.ts";

const pieceBytes = 4 * 1024 * 1024;
/** Pieces whose package was not written by then never will be: no attempt lives so long. */
const looseMs = 24 * 60 * 60_000;

/** Seals a stream piece by piece into the object store. Until a package names them they are noted as loose. */
export async function storePieces(
  deps: PackageDeps,
  holder: { shopId: ShopId; subjectId: SubjectId; purpose: Purpose },
  bytes: Readable,
): Promise<NewPart[]> {
  const parts: NewPart[] = [];
  for await (const piece of piecesOf(bytes)) {
    const objectId = newId<ObjectId>();
    const { shopId } = holder;
    const dueAt = new Date(deps.clock.now().getTime() + looseMs);
    await deps.db.withShop(shopId, (trx) =>
      insertLooseObjects(trx, { shopId, objectIds: [objectId], dueAt }),
    );
    const { key, size } = await deps.objects.put(objectId, piece);
    const [sealedKey] = await deps.sealer.seal([
      { place: packagePartPlace(holder, objectId), plaintext: key },
    ]);
    if (sealedKey === undefined) throw new TypeError("nothing was sealed");
    parts.push({ objectId, sealedKey, size });
    await deps.atStep("package.piece_stored");
  }
  return parts;
}

async function* piecesOf(bytes: Readable): AsyncGenerator<Buffer> {
  let held: Buffer[] = [];
  let size = 0;
  for await (const chunk of bytes) {
    held.push(Buffer.from(chunk as Uint8Array));
    size += held.at(-1)?.length ?? 0;
    if (size < pieceBytes) continue;
    yield Buffer.concat(held);
    held = [];
    size = 0;
  }
  if (size > 0) yield Buffer.concat(held);
}
