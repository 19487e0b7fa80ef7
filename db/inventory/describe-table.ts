import type { DataPurpose } from "../../domain/privacy/data-purpose.ts";
import type { RetentionClass } from "../../domain/privacy/retention-class.ts";
import type { Purpose } from "../../domain/sealing.ts";

/** Whose data rows can be. What is only an admin's or a member's deed names them by a pseudonymous id. */
export type OwnerKind = "customer" | "account" | "participant" | "shop";

/**
 * A column with the owner's id; or, as `order_id>orders`, one with the id of a row that has the same owner. `a|b`: the
 * one or the other.
 */
export type OwnerPath = string;

/** Where a value is sealed, as its `SealedPlace` says, by columns of the row. */
export type SealedAt = {
  field: string;
  /** A purpose, or the column that names it. */
  purpose: Purpose | { column: string };
  /** Whose key. Under the platform's id, when the table has no `shop_id`. */
  subject: OwnerPath;
  /** The column with the id that is bound in; `id` when absent. */
  row?: string;
  /** It is the key of bytes in the object store, which have the id of the row. */
  opensObject?: boolean;
  /** It lets somebody in somewhere: nobody is shown it, not even its owner. */
  isSecret?: boolean;
  /** For which rows, when the same column has several places: the first that fits. */
  when?: Record<string, string | null>;
};

/** One string of column names, with blanks between. */
type Names = string;

/**
 * A table of the inventory. Every column stands in one of the lists.
 *
 * `sealed`: personal, readable with its key alone. `index`: keyed hash of something personal. `ids`: of somebody, means
 * nothing without our tables. `secrets`: lets in, or is a hash of what does. The others hold nothing of a person: `codes`
 * are words of closed lists, `facts` times, counts, amounts and flags, `business` is what a shop or the platform says of
 * itself, `marks` keep us from doing a thing twice.
 */
export type TableEntry = {
  of: Partial<Record<OwnerKind, OwnerPath>>;
  purposes: readonly [DataPurpose, ...DataPurpose[]];
  class: RetentionClass;
  /** Why its rows are in nobody's package. */
  noCopy?: string;
  /** Columns of another class than the table's. */
  keeps?: Partial<Record<RetentionClass, Names>>;
  sealed?: Record<string, SealedAt | readonly SealedAt[]>;
  index?: Names;
  ids?: Names;
  /** Ids that the database itself computes of other columns: the schema does not have them. */
  computedIds?: Names;
  secrets?: Names;
  codes?: Names;
  facts?: Names;
  business?: Names;
  marks?: Names;
};

export const columnLists = ["index", "ids", "secrets", "codes", "facts", "business", "marks"] as const;
export type ColumnList = (typeof columnLists)[number];

type Words<Text, Found = never> = Text extends `${infer Word} ${infer Rest}`
  ? Words<Rest, Found | Word>
  : Exclude<Found | Text, "">;
type Lines<Text, Found = never> = Text extends `${infer Line}\n${infer Rest}`
  ? Lines<Rest, Found | Words<Line>>
  : Found | Words<Text>;
type Listed<Entry> =
  | { [List in ColumnList]: Entry extends Record<List, infer Text> ? Lines<Text> : never }[ColumnList]
  | (Entry extends { sealed: infer Sealed } ? keyof Sealed : never);

/** `Entry`, if it names every column of `Table` and no other; else what it lacks or has too many. */
export type Complete<Table, Entry> =
  Exclude<keyof Table, Listed<Entry>> extends never
    ? Exclude<Listed<Entry>, keyof Table> extends never
      ? TableEntry
      : { noSuchColumn: Exclude<Listed<Entry>, keyof Table> }
    : { columnWithoutEntry: Exclude<keyof Table, Listed<Entry>> };
