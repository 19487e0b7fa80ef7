import { createHash, randomBytes } from "node:crypto";

import { appendAudit } from "../../db/audit-events.ts";
import { insertLooseObjects } from "../../db/loose-objects.ts";
import { findPackageOf, insertPackage, packageTokenPlace } from "../../db/privacy-packages.ts";
import type { NewPart, PackageRow } from "../../db/privacy-packages.ts";
import { findSubject, lockSubjectStates } from "../../db/subjects.ts";
import { AppError } from "../../domain/app-error.ts";
import { newId } from "../../domain/id.ts";
import type { PrivacyPackageId, ShopId, SubjectId } from "../../domain/id.ts";
import { packageLifeMs, packagePurpose } from "../../domain/privacy/package.ts";
import type { PackageKind } from "../../domain/privacy/package.ts";
import type { Purpose, SubjectKind, SubjectState } from "../../domain/sealing.ts";
import type { PackageDeps } from "./package-deps.ts";
import { listScopes } from "./package-scopes.ts";
import { storePieces } from "./store-pieces.ts";
import { writeArchive } from "./write-archive.ts";

/** `shopId`: the platform's for accounts and participants. */
export type PackageAsked = { shopId: ShopId; requestId: string; subjectId: SubjectId; kind: PackageKind };
/** The code of the link is sealed in the package's row, at `packageTokenPlace`. */
export type BuiltPackage = { packageId: PrivacyPackageId; expiresAt: string };

/**
 * Collects all that is kept of a subject, as the inventory says, into one archive that waits, sealed under the subject's
 * key, behind a link. Lasts: heartbeat it. Safe to run twice: a request has one package of a kind, and the pieces of an
 * attempt that wrote none are loose and go.
 */
export async function buildPackage(deps: PackageDeps, asked: PackageAsked): Promise<BuiltPackage> {
  const { shopId, subjectId } = asked;
  const [known, subject] = await deps.db.withShop(shopId, async (trx) => [
    await findPackageOf(trx, asked),
    await findSubject(trx, { shopId, subjectId }),
  ]);
  if (known) return toBuilt(known);
  const purpose = subject && packagePurpose(subject.kind);
  if (subject === undefined || purpose === undefined || !isReadable(subject.state)) throw noSubject(asked);
  const builtAt = deps.clock.now();
  const scopes = await listScopes(deps, { ...asked, subjectKind: subject.kind });
  const archived = { ...asked, subjectKind: subject.kind, scopes, builtAt };
  const { bytes, written } = writeArchive(deps, archived);
  const [parts] = await Promise.all([storePieces(deps, { shopId, subjectId, purpose }, bytes), written]);
  await deps.atStep("package.pieces_sealed");
  return toBuilt(await keep(deps, { ...asked, purpose, subjectKind: subject.kind, parts, builtAt }));
}

type Sealed = PackageAsked & { purpose: Purpose; subjectKind: SubjectKind; parts: NewPart[]; builtAt: Date };

/** The package, or the one of another attempt that was faster. */
async function keep(deps: PackageDeps, made: Sealed): Promise<PackageRow> {
  const { shopId, subjectId, requestId, kind, purpose, parts, builtAt } = made;
  const id = newId<PrivacyPackageId>();
  const code = `pkg_${randomBytes(16).toString("base64url")}`;
  const place = packageTokenPlace({ shopId, subjectId, purpose }, id);
  const [token] = await deps.sealer.seal([{ place, plaintext: code }]);
  if (token === undefined) throw new TypeError("nothing was sealed");
  const expiresAt = new Date(builtAt.getTime() + packageLifeMs);
  return deps.db.withShop(shopId, async (trx) => {
    const states = await lockSubjectStates(trx, { shopId, subjectIds: [subjectId] });
    if (!isReadable(states.get(subjectId))) throw noSubject(made);
    const row = {
      shop_id: shopId,
      id,
      subject_id: subjectId,
      request_id: requestId,
      kind,
      purpose,
      token,
      token_hash: createHash("sha256").update(code).digest(),
      size: parts.reduce((sum, { size }) => sum + size, 0),
      created_at: builtAt,
      expires_at: expiresAt,
    };
    if (await insertPackage(trx, row, parts)) {
      const objectIds = parts.map(({ objectId }) => objectId);
      await insertLooseObjects(trx, { shopId, objectIds, dueAt: expiresAt });
      await appendAudit(trx, {
        shopId,
        actorKind: "system",
        actorId: null,
        action: "package.built",
        subjectId,
        resourceId: id,
        data: { kind },
        now: builtAt,
      });
    }
    const kept = await findPackageOf(trx, made);
    if (kept === undefined) throw new TypeError("a package was written and is not there");
    return kept;
  });
}

/** A frozen person may still ask what is kept. */
function isReadable(state: SubjectState | undefined): boolean {
  return state === "active" || state === "frozen";
}

function noSubject({ subjectId }: PackageAsked): AppError {
  return new AppError("not_found", "package.no_subject", { internal: `nothing is kept of ${subjectId}` });
}

function toBuilt({ id, expires_at }: PackageRow): BuiltPackage {
  return { packageId: id, expiresAt: expires_at.toISOString() };
}
