import { insertDeadLetters } from "../../db/dead-letters.ts";
import type { NewDeadLetter } from "../../db/dead-letters.ts";
import { listTakenBack } from "../../db/deletions.ts";
import { lockSubjectStates } from "../../db/subjects.ts";
import type { KnownPage } from "../../db/system.ts";
import { AppError } from "../../domain/app-error.ts";
import { newId } from "../../domain/id.ts";
import type { CustomerId } from "../../domain/id.ts";
import type { Sealed, SubjectState } from "../../domain/sealing.ts";
import { shopSubject } from "../../domain/shop/shop-subject.ts";
import { maskSecrets } from "../../domain/text/mask-secrets.ts";
import type { DoorDeps } from "../deps.ts";
import { resolveCustomers } from "./resolve-customers.ts";

/** What could be neither understood nor stored. */
export type Letter = {
  reason: string;
  eventKey: Buffer;
  midHash: Buffer | null;
  senderId: string | undefined;
  raw: string;
};

/**
 * Sets letters aside, under the key of the customer whom they concern, so that they go with that customer; under the
 * shop's when nobody knows whom. Nothing is kept of a person who is being erased or was lately, or of what was taken back.
 * Answers the letters that were dropped.
 */
export async function bury(deps: DoorDeps, page: KnownPage, letters: Letter[]): Promise<Set<Letter>> {
  if (letters.length === 0) return new Set();
  const senderIds = [...new Set(letters.flatMap(({ senderId }) => senderId ?? []))];
  const senders = await resolveCustomers(deps, page, senderIds);
  const drafts: Draft[] = [];
  for (const letter of letters) {
    const { known, erasedAt = null } = senders.get(letter.senderId ?? "") ?? {};
    // When it happened is not known: of who was erased lately it is taken for something old.
    if (known === undefined ? erasedAt === null : isKept(known.state)) {
      drafts.push({ letter, row: await seal(deps, page, { letter, customerId: known?.customerId ?? null }) });
    }
  }
  const kept = new Set(await insert(deps, page, drafts));
  return new Set(letters.filter((letter) => !kept.has(letter)));
}

type Draft = { letter: Letter; row: NewDeadLetter };

function isKept(state: SubjectState | undefined): boolean {
  return state === "active" || state === "frozen";
}

async function seal(
  deps: DoorDeps,
  { shopId, pageId }: KnownPage,
  { letter, customerId }: { letter: Letter; customerId: CustomerId | null },
): Promise<NewDeadLetter> {
  const id = newId<string>();
  const { reason, eventKey, midHash } = letter;
  const body = await sealBody(deps, { shopId, id, customerId, text: maskSecrets(letter.raw).text });
  return { id, pageId, customerId, reason, eventKey, midHash, body, receivedAt: deps.clock.now() };
}

type Body = Pick<KnownPage, "shopId"> & { id: string; customerId: CustomerId | null; text: string };

/** The words of a customer whose key is gone are kept by nobody. */
async function sealBody({ sealer }: DoorDeps, { shopId, id, customerId, text }: Body): Promise<Sealed> {
  const place = { shopId, field: "dead_letter.body", rowId: id };
  const ofShop = { ...place, subjectId: shopSubject(shopId), purpose: "secret" as const };
  const sealOne = async (place: Parameters<typeof sealer.seal>[0][number]["place"], plaintext: string) => {
    const [sealed] = await sealer.seal([{ place, plaintext }]);
    if (sealed === undefined) throw new TypeError("nothing was sealed");
    return sealed;
  };
  if (customerId === null) return sealOne(ofShop, text);
  try {
    return await sealOne({ ...place, subjectId: customerId, purpose: "chat" }, text);
  } catch (error) {
    if (error instanceof AppError && error.code === "key.missing") return sealOne(ofShop, "{}");
    throw error;
  }
}

async function insert({ db }: DoorDeps, { shopId }: KnownPage, drafts: Draft[]): Promise<Letter[]> {
  const customerIds = [...new Set(drafts.flatMap(({ row }) => row.customerId ?? []))];
  const midHashes = drafts.map(({ row }) => row.midHash);
  return db.withShop(shopId, async (trx) => {
    const states = await lockSubjectStates(trx, { shopId, subjectIds: customerIds });
    const takenBack =
      customerIds.length === 0 ? [] : await listTakenBack(trx, { shopId, customerIds, midHashes });
    const kept = drafts.filter(
      ({ row: { customerId, midHash } }) =>
        (customerId === null || isKept(states.get(customerId))) &&
        !takenBack.some((hash) => midHash?.equals(hash)),
    );
    await insertDeadLetters(trx, { shopId, letters: kept.map(({ row }) => row) });
    return kept.map(({ letter }) => letter);
  });
}
