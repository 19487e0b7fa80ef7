import { createHmac, timingSafeEqual } from "node:crypto";

import { quoteLongIntegers } from "./quote-long-integers.ts";
import { readField, readIdField, readObject, readTimeField } from "./read-field.ts";

/** `personId`: the app-scoped id of the person that it speaks of. */
export type SignedRequest = { personId: string; issuedAt: Date | undefined };

/**
 * Meta's `signed_request`, or undefined when none of the app's secrets signed it. The signature covers the encoded text;
 * both base64 alphabets are in use, padding or not.
 */
export function readSignedRequest(text: string, appSecrets: readonly string[]): SignedRequest | undefined {
  const parts = /^([A-Za-z0-9_+/-]+={0,2})\.([A-Za-z0-9_+/-]+={0,2})$/.exec(text);
  const [, signature = "", payload = ""] = parts ?? [];
  const given = Buffer.from(signature, "base64url");
  if (given.length !== 32 || !isSigned(payload, given, appSecrets)) return undefined;
  const body = parseJson(Buffer.from(payload, "base64url").toString("utf8"));
  const algorithm = readField(body, "algorithm");
  if (typeof algorithm !== "string" || algorithm.toUpperCase() !== "HMAC-SHA256") return undefined;
  const personId = readIdField(body, "user_id");
  return personId === undefined ? undefined : { personId, issuedAt: readTimeField(body, "issued_at") };
}

/** Constant time; every secret is tried. An empty secret never fits: anybody could sign with it. */
function isSigned(payload: string, given: Buffer, appSecrets: readonly string[]): boolean {
  let isValid = false;
  for (const secret of appSecrets) {
    const expected = createHmac("sha256", secret).update(payload).digest();
    if (timingSafeEqual(given, expected) && secret !== "") isValid = true;
  }
  return isValid;
}

/** Ids may be numbers that JavaScript would round. */
function parseJson(text: string) {
  try {
    return readObject(JSON.parse(quoteLongIntegers(text)));
  } catch {
    return undefined;
  }
}
