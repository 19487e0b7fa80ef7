import { createPublicKey, verify } from "node:crypto";
import type { PushAccount } from "../sim-options.ts";

const messagingScope = "https://www.googleapis.com/auth/firebase.messaging";

/** Checks a service account's RS256 assertion as Google does; returns what is wrong, or null. */
export function verifyAssertion(assertion: string, account: PushAccount | null, now: number): string | null {
  const [header, payload, signature] = assertion.split(".");
  if (!header || !payload || !signature || !account) return "Invalid JWT Signature.";
  if (parsePart(header)["alg"] !== "RS256") return "Invalid JWT: alg must be RS256.";
  const key = typeof account.publicKey === "string" ? createPublicKey(account.publicKey) : account.publicKey;
  const isSigned = verify(
    "RSA-SHA256",
    Buffer.from(`${header}.${payload}`),
    key,
    Buffer.from(signature, "base64url"),
  );
  return isSigned ? checkClaims(parsePart(payload), account, now / 1000) : "Invalid JWT Signature.";
}

function checkClaims(
  claims: Record<string, unknown>,
  account: PushAccount,
  nowSeconds: number,
): string | null {
  const { iss, aud, scope, iat, exp } = claims;
  if (iss !== account.clientEmail) return "Invalid grant: account not found";
  if (typeof aud !== "string" || !aud.endsWith("/token"))
    return "Invalid JWT: aud is not the token endpoint.";
  if (typeof scope !== "string" || !scope.split(" ").includes(messagingScope)) return "Invalid OAuth scope.";
  if (typeof iat !== "number" || typeof exp !== "number") return "Invalid JWT: iat and exp are required.";
  const isTimely = iat <= nowSeconds + 60 && exp > nowSeconds && exp - iat <= 3_600;
  return isTimely
    ? null
    : "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe.";
}

function parsePart(part: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
