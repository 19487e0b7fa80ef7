import { createHash } from "node:crypto";

/** SHA-256 over the Page and the parts that make an event this event. JSON keeps the parts apart and lone surrogates stable. */
export function eventKey(pageId: string, ...parts: (string | number | undefined)[]): Buffer {
  return createHash("sha256")
    .update(JSON.stringify([pageId, ...parts.map((part) => part ?? null)]))
    .digest();
}
