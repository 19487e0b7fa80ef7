import { createHash, timingSafeEqual } from "node:crypto";

type Fields = Readonly<Record<string, unknown>>;

/**
 * KBZPay's signature: all fields that have a value, those of `biz_content` among them, sorted by name as
 * `name=value` with `&` between, then `&key=` and the merchant's key; SHA-256 in upper case hex.
 */
export function signKbzFields(fields: Fields, merchantKey: string): string {
  return createHash("sha256")
    .update(`${signedText(fields)}&key=${merchantKey}`)
    .digest("hex")
    .toUpperCase();
}

/** Whether `sign` among the fields is theirs; constant time. An empty key never fits: anybody could sign with it. */
export function verifyKbzFields(fields: Fields, merchantKey: string): boolean {
  const { sign } = fields;
  if (typeof sign !== "string" || !/^[0-9a-f]{64}$/iu.test(sign) || merchantKey === "") return false;
  const expected = Buffer.from(signKbzFields(fields, merchantKey), "hex");
  return timingSafeEqual(Buffer.from(sign, "hex"), expected);
}

function signedText(fields: Fields): string {
  const { biz_content: business, sign: _sign, sign_type: _type, ...rest } = fields;
  const all = { ...rest, ...(isRecord(business) ? business : {}) };
  return Object.entries(all)
    .flatMap(([name, value]) => (isSigned(value) ? [[name, `${name}=${value}`] as const] : []))
    .toSorted(([left], [right]) => (left < right ? -1 : 1)) // by name: of whole pairs "a1" would come before "a"
    .map(([, pair]) => pair)
    .join("&");
}

function isSigned(value: unknown): value is string | number | boolean {
  return (
    (typeof value === "string" && value !== "") || typeof value === "number" || typeof value === "boolean"
  );
}

function isRecord(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
