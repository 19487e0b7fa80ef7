/** Signs certificates by Ed25519. */
export interface CertificateSigner {
  /** From the public key itself, so that nobody can give one key another's name. */
  keyId: string;
  /** DER, SubjectPublicKeyInfo. */
  publicKey: Buffer;
  sign(bytes: Buffer): Buffer;
}
