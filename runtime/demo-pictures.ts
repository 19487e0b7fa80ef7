import sharp from "sharp";

import type { DemoProduct } from "./demo-catalogue.ts";

const shapes: Record<DemoProduct["shape"], string> = {
  dress: "M300 110 L340 110 L365 220 L470 520 L170 520 L275 220 Z",
  shirt: "M230 140 L410 140 L520 210 L480 300 L430 270 L430 520 L210 520 L210 270 L160 300 L120 210 Z",
  bag: "M170 260 L470 260 L500 520 L140 520 Z M240 260 C240 120 400 120 400 260 L380 260 C380 150 260 150 260 260 Z",
  cloth: "M150 150 L490 150 L490 520 L150 520 Z",
};

/** A plain drawing of a product, as PNG; a demonstration needs no photographs of somebody else. */
export function drawProduct({ shape, colour }: DemoProduct): Promise<Buffer> {
  const pattern =
    shape === "cloth"
      ? Array.from({ length: 7 }, (_, row) => {
          const y = 190 + row * 48;
          return `<path d="M150 ${y} q 42 -34 85 0 t 85 0 t 85 0 t 85 0" stroke="#f7dc6f" stroke-width="7" fill="none"/>`;
        }).join("")
      : "";
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="640" height="640">
    <rect width="640" height="640" fill="#f6f1e7"/>
    <ellipse cx="320" cy="545" rx="210" ry="22" fill="#e2d9c7"/>
    <path d="${shapes[shape]}" fill="${colour}" stroke="#00000033" stroke-width="4" stroke-linejoin="round"/>
    ${pattern}
  </svg>`;
  return sharp(Buffer.from(svg)).png().toBuffer();
}
