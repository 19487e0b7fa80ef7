import { createHash, randomBytes } from "node:crypto";

/** Without letters that are taken for digits; each carries five bits. */
const alphabet = "ABCDEFGHJKMNPQRSTVWXYZ0123456789";
const groups = 4;
const groupLength = 5;

/** 100 random bits as `ABCDE-…`; only its SHA-256 is ever stored. Whoever has it reads the ticket. */
export function newTicketCode(): { code: string; codeHash: Buffer } {
  const letters = [...randomBytes(groups * groupLength)].map((byte) => alphabet[byte & 31]).join("");
  const code = (letters.match(/.{5}/g) ?? []).join("-");
  return { code, codeHash: hashTicketCode(code) };
}

export function hashTicketCode(code: string): Buffer {
  return createHash("sha256").update(code.toUpperCase()).digest();
}
