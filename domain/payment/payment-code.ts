import type { Currency, Money } from "../money.ts";

/** ISO 4217 numbers, as codes of EMVCo name a currency. */
const currencyNumbers: Partial<Record<Currency, string>> = { MMK: "104", THB: "764", IDR: "360", USD: "840" };

const emvStart = "000201";
const longest = 512; // a denser picture is not read by a telephone's camera

/**
 * Whether what a provider gives as the text of a QR code may be shown to whoever pays. A code of EMVCo's form (MMQR is
 * one) must be whole and name exactly this amount; any other text is the wallet's own and is taken as it is.
 */
export function mayShowCode(text: string, { amountMinor, currency }: Money): boolean {
  if (text === "" || text.length > longest || /[^\x20-\x7e]/u.test(text)) return false;
  if (!text.startsWith(emvStart)) return true;
  const fields = readEmvCode(text);
  if (fields === undefined || fields.get("53") !== currencyNumbers[currency]) return false;
  const amount = /^(\d{1,13})(?:\.0{1,2})?$/u.exec(fields.get("54") ?? "")?.[1];
  // Currencies with decimals are nobody's yet: no provider of ours takes them.
  return currency === "MMK" && Number(amount) === amountMinor;
}

/** The fields of a merchant's code by their two digits; undefined when one is cut off or the checksum is wrong. */
export function readEmvCode(text: string): ReadonlyMap<string, string> | undefined {
  const fields = new Map<string, string>();
  for (let at = 0; at < text.length;) {
    const head = /^(\d\d)(\d\d)$/u.exec(text.slice(at, at + 4));
    const [, id, size] = head ?? [];
    const value = text.slice(at + 4, at + 4 + Number(size));
    if (id === undefined || value.length !== Number(size) || fields.has(id)) return undefined;
    fields.set(id, value);
    at += 4 + value.length;
    if (id === "63") return at === text.length && value === checksum(text.slice(0, -4)) ? fields : undefined;
  }
  return undefined;
}

/** CRC-16/CCITT-FALSE, as EMVCo's codes end with. */
function checksum(text: string): string {
  let crc = 0xff_ff;
  for (const byte of Buffer.from(text, "latin1")) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc & 0x80_00 ? (crc << 1) ^ 0x10_21 : crc << 1) & 0xff_ff;
  }
  return crc.toString(16).toUpperCase().padStart(4, "0");
}
