import type { ColumnType, Generated, JSONColumnType } from "kysely";

import type { Sealed } from "../../domain/sealing.ts";

/** Arrays and objects go in as JSON text (pg would turn a JS array into a Postgres array) and come out parsed. */
export type Json<T extends object> = JSONColumnType<T>;
/** The same for a column that may be empty. */
export type JsonOrNull<T extends object> = ColumnType<T | null, string | null | undefined, string | null>;
/** Sealed by the caller before the transaction, opened after it. */
export type SealedColumn = ColumnType<Sealed, Sealed, Sealed>;
export type SealedOrNull = ColumnType<Sealed | null, Sealed | null | undefined, Sealed | null>;
export type Optional<T> = ColumnType<T | null, T | null | undefined, T | null>;
export type Flag = Generated<boolean>;
export type Count = Generated<number>;
