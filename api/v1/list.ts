import { z } from "@hono/zod-openapi";

import type { TimePlace } from "../../db/conversation-queries.ts";
import { AppError } from "../../domain/app-error.ts";

/** The query of every list; spread into a `z.strictObject` beside the filters. */
export const listQuery = {
  limit: z
    .string()
    .regex(/^(?:[1-9]\d?|100)$/, "Must be a whole number from 1 to 100")
    .transform(Number)
    .default(20)
    .openapi({ type: "integer", minimum: 1, maximum: 100, default: 20 }),
  cursor: z.string().max(200).optional().openapi({ description: "`nextCursor` of the page before; opaque." }),
};

export const uuidPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({ data: z.array(item), hasMore: z.boolean(), nextCursor: z.string().nullable() });
}

export type Page<Item> = { data: Item[]; hasMore: boolean; nextCursor: string | null };

/** Rows are read with `limit + 1`, so that the page knows whether more follow. */
export function toPage<Row>(rows: readonly Row[], limit: number, placeOf: (row: Row) => string): Page<Row> {
  const data = rows.slice(0, limit);
  const last = data.at(-1);
  const hasMore = rows.length > limit;
  return { data, hasMore, nextCursor: hasMore && last !== undefined ? encodeCursor(placeOf(last)) : null };
}

/** The id after which the page begins. */
export function readIdCursor<Id extends string>(cursor: string | undefined): { before?: Id } {
  if (cursor === undefined) return {};
  const place = decodeCursor(cursor);
  if (!uuidPattern.test(place)) throw badCursor();
  return { before: place as Id };
}

export function timePlace(at: Date, id: string): string {
  return `${at.getTime()}.${id}`;
}

/** Like `readIdCursor`, for lists that are ordered by a time which changes. */
export function readTimeCursor(cursor: string | undefined): { before?: TimePlace } {
  if (cursor === undefined) return {};
  const [ms = "", id = ""] = decodeCursor(cursor).split(".");
  if (!/^\d{1,15}$/.test(ms) || !uuidPattern.test(id)) throw badCursor();
  return { before: { at: new Date(Number(ms)), id } };
}

function encodeCursor(place: string): string {
  return Buffer.from(place, "utf8").toString("base64url");
}

function decodeCursor(cursor: string): string {
  return Buffer.from(cursor, "base64url").toString("utf8");
}

function badCursor(): AppError {
  return new AppError("invalid", "request.bad_cursor", {
    internal: "unreadable cursor",
    public: "The cursor is not one of this list.",
    errors: [{ pointer: "?query/cursor", message: "Must be nextCursor of an earlier page" }],
  });
}
