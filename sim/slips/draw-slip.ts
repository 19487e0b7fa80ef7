import { encodeQR } from "qr";
import sharp from "sharp";

export type Slip = {
  amountMinor: number;
  currency: string;
  reference: string;
  /** ISO 8601. */
  paidAt: string;
  payee: string;
};

const width = 720;
const height = 1280;
const qrSize = 470;
const qrTop = 740;
/** More would make the squares of the code too small to survive Messenger's re-encoding. */
export const maxCodeBytes = 300;

/** The text in the slip's QR code, which the demonstration model reads. */
export function slipCode(slip: Slip): string {
  const { amountMinor, currency, reference, paidAt, payee } = slip;
  return JSON.stringify({ shopthreadSlip: 1, amountMinor, currency, reference, paidAt, payee });
}

/** Draws a wallet's transfer receipt as PNG, 720 × 1280. Blurred: nobody can read it, neither text nor code. */
export async function drawSlip(slip: Slip, options: { isBlurred: boolean }): Promise<Buffer> {
  const picture = sharp(Buffer.from(slipSvg(slip)));
  if (options.isBlurred) picture.blur(24);
  return picture.png({ compressionLevel: 9 }).toBuffer();
}

function slipSvg(slip: Slip): string {
  const rows: [string, string][] = [
    ["Transfer to", slip.payee],
    ["Reference", slip.reference],
    ["Date", localTime(slip)],
    ["Type", "Transfer"],
  ];
  const lines = rows.map(([label, value], index) => row(label, value, 440 + index * 66)).join("");
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="Noto Sans, Noto Sans Myanmar, Padauk, DejaVu Sans, sans-serif">
<rect width="100%" height="100%" fill="#f4f6fb"/>
<rect width="100%" height="130" fill="#1c5fd0"/>
<text x="40" y="82" font-size="40" fill="#ffffff" font-weight="bold">Demo Wallet</text>
<rect x="30" y="160" width="660" height="1080" rx="24" fill="#ffffff"/>
<circle cx="360" cy="225" r="36" fill="#2e9e5b"/>
<path d="M344 226 l12 12 l22 -24" fill="none" stroke="#ffffff" stroke-width="7"/>
<text x="360" y="305" font-size="30" text-anchor="middle" fill="#2e9e5b">Payment successful</text>
<text x="360" y="372" font-size="50" text-anchor="middle" font-weight="bold" fill="#14213d">${escapeXml(amountText(slip))}</text>
${lines}
<path fill="#000000" shape-rendering="crispEdges" d="${codePath(slipCode(slip))}"/>
</svg>`;
}

/** A wallet shows its own country's time. */
const timeZones: Record<string, string> = { MMK: "Asia/Yangon", THB: "Asia/Bangkok", IDR: "Asia/Jakarta" };

function localTime({ paidAt, currency }: Slip): string {
  const timeZone = timeZones[currency] ?? "UTC";
  return new Intl.DateTimeFormat("sv-SE", { dateStyle: "short", timeStyle: "short", timeZone }).format(
    new Date(paidAt),
  );
}

function row(label: string, value: string, y: number): string {
  const shown = value.length > 30 ? `${value.slice(0, 29)}…` : value;
  return `<text x="60" y="${y}" font-size="26" fill="#6b7280">${label}</text><text x="660" y="${y}" font-size="26" text-anchor="end" fill="#14213d">${escapeXml(shown)}</text>`;
}

/** Whole pixels per module keep the edges sharp. */
function codePath(text: string): string {
  const modules = encodeQR(text, "raw", { ecc: "medium", encoding: "byte", border: 4 });
  const unit = Math.max(1, Math.floor(qrSize / modules.length));
  const left = Math.round((width - unit * modules.length) / 2);
  let path = "";
  modules.forEach((line, y) =>
    line.forEach((isDark, x) => {
      if (isDark) path += `M${left + x * unit} ${qrTop + y * unit}h${unit}v${unit}h-${unit}z`;
    }),
  );
  return path;
}

function amountText({ amountMinor, currency }: Slip): string {
  const decimals = ["THB", "USD", "SGD", "MYR"].includes(currency) ? 2 : 0;
  const digits = String(amountMinor).padStart(decimals + 1, "0");
  const whole = digits.slice(0, digits.length - decimals).replaceAll(/\B(?=(\d{3})+$)/g, ",");
  return `${whole}${decimals ? `.${digits.slice(-decimals)}` : ""} ${currency}`;
}

function escapeXml(text: string): string {
  const names: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  // Control characters are not allowed in XML at all.
  return text.replaceAll(/[\p{Cc}\p{Cs}]/gu, " ").replaceAll(/[&<>"]/g, (sign) => names[sign] ?? "");
}
