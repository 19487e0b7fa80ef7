import type { ShopId } from "../id.ts";

/** The last link of a log at a time, in a form that fits a line. */
export type WrittenHead = {
  shopId: ShopId;
  sequence: number;
  /** Hexadecimal. */
  hash: string;
  /** When the entry of that link was written. */
  lastAt: string;
  /** When the line was. */
  at: string;
};

/** Kept outside of the database and only ever added to: whoever can write the database cannot take a line back. */
export interface AuditHeads {
  append(heads: readonly WrittenHead[]): Promise<void>;
  /** Oldest first; none where nothing was written yet. */
  read(): Promise<WrittenHead[]>;
}
