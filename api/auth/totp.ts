import { Secret, TOTP } from "otpauth";

const periodSeconds = 30;
/** A phone's clock may be off by this many periods; a code lives no longer (RFC 6238, 5.2). */
const skewPeriods = 1;

function totpOf(secret: string, label: string): TOTP {
  return new TOTP({ issuer: "Shopthread", label, secret: Secret.fromBase32(secret), period: periodSeconds });
}

/** 160 random bits in base32. */
export function newTotpSecret(): string {
  return new Secret({ size: 20 }).base32;
}

/** What authenticator apps read from a QR code. */
export function totpUri(secret: string, label: string): string {
  return totpOf(secret, label).toString();
}

/** The number of the period whose code it is; undefined when it is none of now. */
export function findCounter(secret: string, code: string, now: Date): number | undefined {
  const timestamp = now.getTime();
  const delta = totpOf(secret, "").validate({ token: code, timestamp, window: skewPeriods });
  return delta === null ? undefined : TOTP.counter({ timestamp, period: periodSeconds }) + delta;
}
