/** A JSON object whose fields may be missing or of any type. */
export type LooseObject = { readonly [field: string]: unknown };

/** The value as an object, if it is one (arrays are not). */
export function readObject(value: unknown): LooseObject | undefined {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return isObject ? (value as LooseObject) : undefined;
}

/** A field of its own; nothing inherited, so that `constructor` and `__proto__` are plain names. */
export function readField(object: LooseObject | undefined, name: string): unknown {
  return object !== undefined && Object.hasOwn(object, name) ? object[name] : undefined;
}

export function readObjectField(object: LooseObject | undefined, name: string): LooseObject | undefined {
  return readObject(readField(object, name));
}

export function readListField(object: LooseObject | undefined, name: string): unknown[] {
  const value = readField(object, name);
  return Array.isArray(value) ? value : [];
}

export function readTextField(object: LooseObject | undefined, name: string): string | undefined {
  const value = readField(object, name);
  return typeof value === "string" ? value : undefined;
}

/** Meta's ids and mids: a short text without spaces or control characters, or a whole number. */
export function readIdField(object: LooseObject | undefined, name: string): string | undefined {
  return asId(readField(object, name));
}

/** Message ids; what is none is skipped. A list beyond what one webhook may carry is no list. */
export function readMids(object: LooseObject | undefined): string[] {
  const values = readListField(object, "mids");
  return values.length > 1_000 ? [] : values.flatMap((value) => asId(value) ?? []);
}

/** A time that makes sense (2000–2100). Seconds become milliseconds; texts of digits are read. */
export function readTimeField(object: LooseObject | undefined, name: string): Date | undefined {
  const value = asNumber(readField(object, name));
  if (value === undefined) return undefined;
  const ms = value < firstPlausibleMs ? value * 1000 : value;
  return ms >= earliestMs && ms < latestMs ? new Date(Math.floor(ms)) : undefined;
}

export function readCountField(object: LooseObject | undefined, name: string): number | undefined {
  const value = asNumber(readField(object, name));
  return value !== undefined && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

function asId(value: unknown): string | undefined {
  if (typeof value === "number") return Number.isSafeInteger(value) && value >= 0 ? String(value) : undefined;
  return typeof value === "string" && /^[!-~]{1,512}$/.test(value) ? value : undefined;
}

const firstPlausibleMs = 1_000_000_000_000; // as milliseconds 2001, as seconds far away
const earliestMs = Date.UTC(2000, 0, 1);
const latestMs = Date.UTC(2100, 0, 1);

function asNumber(value: unknown): number | undefined {
  if (typeof value === "number") return value;
  return typeof value === "string" && /^\d{1,19}$/.test(value) ? Number(value) : undefined;
}
