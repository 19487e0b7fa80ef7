import type { ShopId, SubjectId } from "./id.ts";

/** What a data key protects; destroying one purpose's key leaves the others readable (that is a legal hold). */
export type Purpose = "chat" | "order" | "finance" | "account" | "secret" | "referral" | "support";

/** The purposes whose keys are made together with a subject of each kind. */
export const purposesOf = {
  customer: ["chat", "order", "finance"],
  account: ["account"],
  shop: ["secret"],
  upgrade: ["finance"],
  participant: ["referral"],
  billing: ["finance"],
  ticket: ["support"],
  incident: ["support"],
} as const satisfies Record<SubjectKind, readonly Purpose[]>;

/**
 * `upgrade`: one request for a plan, so that its evidence goes when its own key is destroyed. `billing`: to whom a shop's
 * invoices are made out, which the law keeps when all else of the shop goes. `ticket`: one talk with whoever wrote to us,
 * `incident`: what is written about a breach.
 */
export type SubjectKind =
  | "customer"
  | "account"
  | "shop"
  | "upgrade"
  | "participant"
  | "billing"
  | "ticket"
  | "incident";

/** `frozen` stores but does not use; `erasing` and `erased` refuse every write, send and model call. */
export type SubjectState = "active" | "frozen" | "erasing" | "erased";

/** AES-256-GCM envelope: version 1, algorithm 1, key id 16, nonce 12, ciphertext, tag 16 bytes. */
export type Sealed = Buffer & { readonly __sealed: true };

/** Where a sealed value lives. It is bound into the ciphertext, so a value moved to another place does not open. */
export type SealedPlace = {
  shopId: ShopId;
  subjectId: SubjectId;
  purpose: Purpose;
  /** Table and column in one word, e.g. `message.body`; intake and messages share it, because bodies move. */
  field: string;
  rowId: string;
};

export type ToSeal = { place: SealedPlace; plaintext: string | Uint8Array };
export type ToOpen = { place: SealedPlace; sealed: Sealed };

/** A data key made with its subject and not stored yet: `wrapped` goes into `subject_keys` in the caller's transaction. */
export type NewKey = {
  id: string;
  shopId: ShopId;
  subjectId: SubjectId;
  purpose: Purpose;
  epoch: number;
  wrapped: Buffer;
};

/**
 * Seals and opens personal data. Both work in batches and go to the keyring at most once a call,
 * so they are called before or after a transaction, never inside one.
 */
export interface Sealer {
  /** Makes the keys of new subjects. They can seal at once; they can be opened elsewhere after their rows are committed. */
  makeKeys(subjects: { shopId: ShopId; subjectId: SubjectId; kind: SubjectKind }[]): Promise<NewKey[]>;
  /** Throws `AppError("not_found", "key.missing")` when a subject has no key for the purpose (erased, or never made). */
  seal(items: ToSeal[]): Promise<Sealed[]>;
  /** The plaintexts in order; `undefined` where the key is destroyed. Throws on a damaged or moved value. */
  open(items: ToOpen[]): Promise<(Buffer | undefined)[]>;
}

/** Keyed HMAC-SHA-256 of a normalised value, 16 bytes: equality look-ups without plaintext. Per shop, or platform-wide for accounts. */
export interface BlindIndexer {
  index(scope: ShopId | "platform", field: string, normalisedValue: string): Promise<Buffer>;
}
