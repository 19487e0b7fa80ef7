import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
  verify,
} from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";

import { canonicalJson } from "../domain/canonical-json.ts";
import type { JsonValue } from "../domain/canonical-json.ts";
import type { CertificateSigner } from "../domain/ports/certificate-signer.ts";
import { createPrivateFile, readPrivateFile } from "./private-file.ts";

const keyFile = "certificate.key";

/** The signing key of a folder; one without gets one. Several processes may do this at once: the first file stays. */
export async function loadCertificateSigner(folder: string): Promise<CertificateSigner> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, keyFile);
  const found = await readPrivateFile(path).catch(() => undefined);
  if (found === undefined) await createPrivateFile(folder, keyFile, newKey());
  return createCertificateSigner(found ?? (await readPrivateFile(path)));
}

/** `pkcs8`: DER of an Ed25519 key. */
export function createCertificateSigner(pkcs8: Buffer): CertificateSigner {
  const privateKey = createPrivateKey({ key: pkcs8, format: "der", type: "pkcs8" });
  const publicKey = createPublicKey(privateKey).export({ format: "der", type: "spki" });
  return { keyId: keyIdOf(publicKey), publicKey, sign: (bytes) => sign(null, bytes, privateKey) };
}

export function newKey(): Buffer {
  return generateKeyPairSync("ed25519").privateKey.export({ format: "der", type: "pkcs8" });
}

export function keyIdOf(publicKey: Buffer): string {
  return createHash("sha256").update(publicKey).digest("hex").slice(0, 32);
}

/** What a file with a certificate holds. */
export type SignedCertificate = {
  certificate: unknown;
  /** Base64, as the two below. */
  signature: string;
  keyId: string;
  /** DER, SubjectPublicKeyInfo. */
  publicKey: string;
};

/** Whether the certificate was signed by the key that has this name; by whom the key is, its publisher says. */
export function isSigned({ certificate, signature, keyId, publicKey }: SignedCertificate): boolean {
  const der = Buffer.from(publicKey, "base64");
  if (keyIdOf(der) !== keyId) return false;
  const key = createPublicKey({ key: der, format: "der", type: "spki" });
  // Safe: whoever reads it has parsed JSON.
  const bytes = Buffer.from(canonicalJson(certificate as JsonValue), "utf8");
  return key.asymmetricKeyType === "ed25519" && verify(null, bytes, key, Buffer.from(signature, "base64"));
}
