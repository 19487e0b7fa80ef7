export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [name: string]: JsonValue | undefined };

/** JSON that is the same for the same value: names sorted, no spaces. Numbers must be whole. */
export function canonicalJson(value: JsonValue): string {
  if (typeof value === "number" && !Number.isSafeInteger(value)) {
    throw new TypeError("only whole numbers have one spelling");
  }
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (isList(value)) return `[${value.map((item) => canonicalJson(item)).join(",")}]`;
  const members = Object.entries(value)
    .filter((member): member is [string, JsonValue] => member[1] !== undefined)
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`);
  return `{${members.join(",")}}`;
}

/** `Array.isArray` does not know lists that cannot be changed. */
function isList(value: object): value is readonly JsonValue[] {
  return Array.isArray(value);
}
