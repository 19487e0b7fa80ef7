import { createHmac, timingSafeEqual } from "node:crypto";

/**
 * Whether `X-Hub-Signature-256` signs these raw bytes with one of the app secrets (two during a rotation).
 * Constant time in the signature; every secret is tried. An empty secret never fits: anybody could sign with it.
 */
export function verifySignature(body: Uint8Array, header: string | undefined, appSecrets: string[]): boolean {
  const hex = /^sha256=([0-9a-f]{64})$/.exec(header ?? "")?.[1];
  if (hex === undefined) return false;
  const given = Buffer.from(hex, "hex");
  let isValid = false;
  for (const secret of appSecrets) {
    const expected = createHmac("sha256", secret).update(body).digest();
    if (timingSafeEqual(given, expected) && secret !== "") isValid = true;
  }
  return isValid;
}

/** `appsecret_proof` that goes with every Graph call; signed with the newest secret. */
export function appsecretProof(token: string, secret: string): string {
  return createHmac("sha256", secret).update(token).digest("hex");
}
