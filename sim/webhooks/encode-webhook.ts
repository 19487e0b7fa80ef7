import { createHmac } from "node:crypto";

/**
 * JSON as Meta writes and signs it: every non-ASCII UTF-16 unit as lower-case `\uXXXX` and every slash as `\/`.
 * JSON text has neither outside strings, so replacing in the whole text is safe.
 */
export function encodeWebhook(body: unknown): string {
  return JSON.stringify(body)
    .replaceAll("/", "\\/")
    .replaceAll(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** The value of `X-Hub-Signature-256` over exactly these bytes. */
export function signWebhook(body: string, appSecret: string): string {
  return `sha256=${createHmac("sha256", appSecret).update(body).digest("hex")}`;
}
