import { parsePhoneNumberFromString } from "libphonenumber-js";
import { normalisePhone } from "../domain/phone.ts";
import { toUnicode, toZawgyi } from "../domain/text/burmese.ts";

/** Something planted in one place of one person; whoever finds it on a disk has found a leak. */
export type Canary = {
  /** What findings are reported under: the value itself is never printed. */
  name: string;
  value: string | Uint8Array;
};

/** One way in which a canary may stand on a disk. */
export type CanaryForm = { canary: string; form: string; bytes: Buffer };

/** Shorter patterns are met by chance in a few hundred megabytes. */
const shortestBytes = 6;

/** Every form of the canaries that is searched for, each once. */
export function listForms(canaries: Canary[]): CanaryForm[] {
  const forms = new Map<string, CanaryForm>();
  for (const { name, value } of canaries) {
    for (const [form, bytes] of formsOf(value)) {
      const key = bytes.toString("latin1");
      if (bytes.length >= shortestBytes && !forms.has(key)) forms.set(key, { canary: name, form, bytes });
    }
  }
  return [...forms.values()];
}

type Form = [form: string, bytes: Buffer];

function formsOf(value: string | Uint8Array): Form[] {
  if (typeof value !== "string") return encodings("bytes", Buffer.from(value));
  return [...spellings(value)].flatMap(([spelling, text]) => [
    ...encodings(`${spelling} utf-8`, Buffer.from(text)),
    [`${spelling} utf-16le`, Buffer.from(text, "utf16le")],
    [`${spelling} utf-16be`, Buffer.from(text, "utf16le").swap16()],
    [`${spelling} json escapes`, Buffer.from(jsonEscapes(text, /[^\x20-\x7e]/g))],
    [`${spelling} json escapes throughout`, Buffer.from(jsonEscapes(text, /[^]/g))],
    [`${spelling} url`, Buffer.from(encodeURIComponent(text))],
    [`${spelling} form`, Buffer.from(encodeURIComponent(text).replaceAll("%20", "+"))],
    ...numbers(spelling, text),
  ]);
}

function encodings(name: string, bytes: Buffer): Form[] {
  const hex = bytes.toString("hex");
  return [
    [name, bytes],
    [`${name} hex`, Buffer.from(hex)],
    [`${name} HEX`, Buffer.from(hex.toUpperCase())],
    ...base64(name, bytes),
    ...pglz(name, bytes),
  ];
}

/** Base64 in its three alignments, without the characters that depend on the neighbours. */
function base64(name: string, bytes: Buffer): Form[] {
  return [0, 1, 2].flatMap((shift): Form[] => {
    const text = Buffer.concat([Buffer.alloc(shift), bytes]).toString("base64");
    const first = Math.ceil((shift * 8) / 6);
    const end = Math.floor(((shift + bytes.length) * 8) / 6);
    const inner = text.slice(first, end);
    const url = inner.replaceAll("+", "-").replaceAll("/", "_");
    return [
      [`${name} base64 at ${shift}`, Buffer.from(inner)],
      [`${name} base64url at ${shift}`, Buffer.from(url)],
    ];
  });
}

/**
 * As it stands in a value that PostgreSQL has compressed (pglz): a zero before each eight literal bytes. That holds as
 * long as a canary is random, since then nothing of it can be a reference to earlier text.
 */
function pglz(name: string, bytes: Buffer): Form[] {
  return Array.from({ length: 8 }, (_, shift) => shift).flatMap((shift): Form[] => {
    const groups = Math.floor((bytes.length - shift) / 8);
    if (groups < 2) return [];
    const parts = [bytes.subarray(0, shift)];
    for (let group = 0; group < groups; group += 1) {
      const start = shift + group * 8;
      parts.push(Buffer.from([0]), bytes.subarray(start, start + 8));
    }
    return [[`${name} pglz at ${shift}`, Buffer.concat(parts)]];
  });
}

/** PSIDs and phones may stand as eight-byte integers. */
function numbers(spelling: string, text: string): Form[] {
  if (!/^[1-9]\d{8,17}$/.test(text)) return [];
  const little = Buffer.alloc(8);
  little.writeBigInt64LE(BigInt(text));
  return [
    [`${spelling} int64le`, little],
    [`${spelling} int64be`, Buffer.from(little).swap64()],
  ];
}

/** What people and programs make of a text before it is written down. */
function spellings(text: string): Map<string, string> {
  const all: [string, string][] = [
    ["text", text],
    ["nfc", text.normalize("NFC")],
    ["nfd", text.normalize("NFD")],
    ["lower case", text.toLowerCase()],
    ["upper case", text.toUpperCase()],
    ["zawgyi", toZawgyi(text)],
    ["unicode", toUnicode(text).text],
    ["myanmar digits", toMyanmarDigits(text)],
    ["reversed", Array.from(text).toReversed().join("")],
    ...phoneSpellings(text).flatMap((phone): [string, string][] => [
      ["phone", phone],
      ["phone in myanmar digits", toMyanmarDigits(phone)],
    ]),
  ];
  const unique = new Map<string, string>();
  for (const [name, spelling] of all) if (!unique.has(spelling)) unique.set(spelling, name);
  return new Map(
    [...unique].map(([spelling, name], index) => [`${name}${index === 0 ? "" : ` ${index}`}`, spelling]),
  );
}

/** The significant digits cover every spelling without gaps; groups with a blank or a dash cover the others. */
function phoneSpellings(text: string): string[] {
  if (!/^[+0-9၀-၉ဝ().\s-]{7,24}$/.test(text)) return [];
  const e164 = normalisePhone(text, "MM");
  const phone = e164 === undefined ? undefined : parsePhoneNumberFromString(e164);
  if (phone === undefined) return [];
  const digits = phone.nationalNumber;
  const grouped = [phone.formatNational(), phone.formatInternational(), ...groupings(digits)];
  return [digits, ...grouped.flatMap((spelling) => [spelling, spelling.replaceAll(" ", "-")])];
}

/** `9 791 234 567`, `979 123 4567`, `97 9123 4567`, …: groups of three or four after one to four digits. */
function groupings(digits: string): string[] {
  return [1, 2, 3, 4].flatMap((first) =>
    [3, 4].map((size) => {
      const rest = digits.slice(first).match(new RegExp(`.{1,${size}}`, "g")) ?? [];
      return [digits.slice(0, first), ...rest].join(" ");
    }),
  );
}

function toMyanmarDigits(text: string): string {
  return text.replace(/\d/g, (digit) => String.fromCharCode(0x1040 + Number(digit)));
}

function jsonEscapes(text: string, which: RegExp): string {
  return text.replace(which, (character) =>
    [...Array(character.length).keys()]
      .map((index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, "0")}`)
      .join(""),
  );
}
