import type { MessageId, ObjectId, OrderId, ProductId } from "../id.ts";

/** What of the records a turn showed the model: names of fields and ids, never a text. */
export type ShownToModel = {
  version: 1;
  /** `shop.zones.feeText`, `search_products.products.name`: blocks of the prompt and results of tools. */
  fields: string[];
  tools: string[];
  messageIds: MessageId[];
  orderIds: OrderId[];
  productIds: ProductId[];
  /** Pictures that were looked at as payment slips. */
  objectIds: ObjectId[];
};

export function shownToModel(shown: Partial<Omit<ShownToModel, "version">>): ShownToModel {
  const nothing = { fields: [], tools: [], messageIds: [], orderIds: [], productIds: [], objectIds: [] };
  return { version: 1, ...nothing, ...shown };
}

/** The names of all fields of a record that hold something, without the places of lists. */
export function fieldNames(prefix: string, value: unknown): string[] {
  return [...new Set(walk(prefix, value))];
}

function walk(path: string, value: unknown): string[] {
  if (value === null || value === undefined || value === "") return [];
  if (Array.isArray(value)) return value.flatMap((item) => walk(path, item));
  if (typeof value !== "object") return [path];
  return Object.entries(value).flatMap(([name, field]) => walk(`${path}.${name}`, field));
}
