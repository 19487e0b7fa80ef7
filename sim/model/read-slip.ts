import { decodeQR } from "qr/decode.js";
import sharp from "sharp";
import { z } from "zod";

/** The answer to the `payment_slip` schema. */
export interface SlipReading {
  isSlip: boolean;
  isLegible: boolean;
  amount: string | null;
  currency: string | null;
  reference: string | null;
  paidAt: string | null;
  payee: string | null;
}

const NOTHING = { amount: null, currency: null, reference: null, paidAt: null, payee: null };
const NO_SLIP: SlipReading = { isSlip: false, isLegible: false, ...NOTHING };
const ILLEGIBLE: SlipReading = { isSlip: true, isLegible: false, ...NOTHING };

const MAX_PIXELS = 50_000_000;
const FORMATS = new Set(["jpeg", "png", "webp"]);
/** The QR survives scaling best near the size that it was drawn at, so several widths are tried, widest first. */
const WIDTHS = [1600, 1080, 720, 480];
/** Wallet receipts are phone screens (taller than 5:4) on a light ground; a photo of goods is rarely both. */
const MIN_SLIP_ASPECT = 1.25;
const MIN_SLIP_BRIGHTNESS = 150;

const text = z
  .union([z.string(), z.number().transform(String)])
  .nullish()
  .transform((value) => value ?? null);
const slipCode = z.looseObject({
  shopthreadSlip: z.literal(1),
  amountMinor: text,
  currency: text,
  reference: text,
  paidAt: text,
  payee: text,
});

/** Reads a slip as a reader of pixels would: by its QR code, else by whether the picture looks like a receipt at all. */
export async function readSlip(imageUrl: string | undefined): Promise<SlipReading> {
  const picture = await openPicture(imageUrl);
  if (picture === undefined) return NO_SLIP;
  const code = await findCode(picture);
  const slip = slipCode.safeParse(parseJson(code));
  if (!slip.success) return (await looksLikeSlip(picture)) ? ILLEGIBLE : NO_SLIP;
  const { amountMinor, currency, reference, paidAt, payee } = slip.data;
  return {
    isSlip: true,
    isLegible: true,
    amount: toPrinted(amountMinor, currency),
    currency,
    reference,
    paidAt,
    payee,
  };
}

async function openPicture(imageUrl: string | undefined): Promise<Buffer | undefined> {
  const base64 = /^data:image\/[\w.+-]+;base64,(.+)$/su.exec(imageUrl ?? "")?.[1];
  if (base64 === undefined) return undefined;
  const bytes = Buffer.from(base64, "base64");
  try {
    const { format } = await sharp(bytes, { limitInputPixels: MAX_PIXELS }).metadata();
    return FORMATS.has(format) ? bytes : undefined;
  } catch {
    return undefined;
  }
}

async function findCode(picture: Buffer): Promise<string | undefined> {
  for (const width of WIDTHS) {
    const pixels = await toPixels(picture, width);
    if (pixels === undefined) return undefined;
    try {
      return decodeQR(pixels);
    } catch {
      // The decoder throws when it finds no code; a smaller picture may still show one.
    }
  }
  return undefined;
}

async function toPixels(picture: Buffer, width: number) {
  try {
    const { data, info } = await sharp(picture, { limitInputPixels: MAX_PIXELS })
      .rotate()
      .resize({ width, withoutEnlargement: true })
      .flatten({ background: "#ffffff" })
      .ensureAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    return { data: new Uint8Array(data), width: info.width, height: info.height };
  } catch {
    return undefined;
  }
}

/** Aspect ratio and mean brightness only: enough to ask for a sharper picture, never to accept one. */
async function looksLikeSlip(picture: Buffer): Promise<boolean> {
  const pixels = await toPixels(picture, 64);
  if (pixels === undefined || pixels.height / pixels.width < MIN_SLIP_ASPECT) return false;
  let sum = 0;
  for (let at = 0; at < pixels.data.length; at += 4) {
    sum += (pixels.data[at] ?? 0) + (pixels.data[at + 1] ?? 0) + (pixels.data[at + 2] ?? 0);
  }
  return sum / (pixels.width * pixels.height * 3) >= MIN_SLIP_BRIGHTNESS;
}

function toPrinted(amountMinor: string | null, currency: string | null): string | null {
  if (amountMinor === null || !/^\d+$/u.test(amountMinor)) return amountMinor;
  const decimals = DECIMALS[currency ?? ""] ?? 0;
  if (decimals === 0) return amountMinor;
  const padded = amountMinor.padStart(decimals + 1, "0");
  return `${padded.slice(0, -decimals)}.${padded.slice(-decimals)}`;
}

/** A receipt prints major units; only currencies that slips of the demonstration use are listed. */
const DECIMALS: Record<string, number> = { THB: 2, USD: 2, SGD: 2, MYR: 2 };

function parseJson(value: string | undefined): unknown {
  try {
    return JSON.parse(value ?? "null");
  } catch {
    return undefined;
  }
}
