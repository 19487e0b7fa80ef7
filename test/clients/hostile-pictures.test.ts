import { createServer } from "node:http";
import * as fc from "fast-check";
import sharp from "sharp";
import { afterAll, describe, expect, test } from "vitest";
import { createContainedImageProcessor } from "../../clients/contained-images.ts";
import { defaultImageLimits } from "../../clients/image.ts";
import { startImageDecoder } from "../../clients/image-decoder.ts";
import type { ImageDecoder } from "../../clients/image-decoder.ts";
import { createLogger } from "../../clients/log.ts";
import type { ImageResult } from "../../domain/ports/image-processor.ts";
import { bombs, disguises, kinds, plain, svgFromOutside } from "../support/pictures/hostile-pictures.ts";
import { jpegMarkers } from "../support/pictures/jpeg.ts";

const decoders: ImageDecoder[] = [];
const processor = createContainedImageProcessor({
  log: createLogger("test", { level: "silent" }),
  startDecoder: (limits) => {
    const decoder = startImageDecoder(limits);
    decoders.push(decoder);
    return decoder;
  },
});
afterAll(() => processor.close());

/** Quantisation, frame, codes, scan: all that pixels need, and not one comment or application segment. */
const pixelsOnly = new Set(["db", "c0", "c4", "da"]);

function expectOnlyPixels(result: ImageResult): void {
  if (!result.ok) throw new Error(`refused: ${result.reason}`);
  const { markers, trailing } = jpegMarkers(result.bytes);
  expect(markers.filter((marker) => !pixelsOnly.has(marker))).toEqual([]);
  expect(trailing).toBe(0);
  expect(result.bytes.includes("CANARY")).toBe(false);
  expect(Math.max(result.width, result.height)).toBeLessThanOrEqual(defaultImageLimits.maxSidePx);
}

async function outcomeOf(bytes: Buffer): Promise<string> {
  const result = await processor.sanitiseImage(bytes);
  if (!result.ok) return result.reason;
  expectOnlyPixels(result);
  return "drawn";
}

describe.each([
  ["bombs", bombs],
  ["disguises", disguises],
  ["kinds", kinds],
])("%s", (_class, pictures) => {
  test.each(pictures)("$name: $outcome", async ({ bytes, outcome }) => {
    expect(await outcomeOf(await bytes())).toBe(outcome);
  });
});

test("a picture that names addresses makes no request", async () => {
  let visits = 0;
  const server = createServer((_req, res) => {
    visits += 1;
    res.end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  for (const { bytes, outcome } of svgFromOutside(`http://127.0.0.1:${address.port}/canary`)) {
    expect(await outcomeOf(await bytes())).toBe(outcome);
  }
  await new Promise((resolve) => server.close(resolve));
  expect(visits).toBe(0);
});

const noise = sharp({
  create: {
    width: 64,
    height: 64,
    channels: 3,
    background: "red",
    noise: { type: "gaussian", mean: 120, sigma: 60 },
  },
});
const sources = {
  jpeg: () => noise.clone().jpeg().toBuffer(),
  "progressive jpeg": () => noise.clone().jpeg({ progressive: true }).toBuffer(),
  png: () => noise.clone().png().toBuffer(),
  webp: () => noise.clone().webp().toBuffer(),
  "lossless webp": () => noise.clone().webp({ lossless: true }).toBuffer(),
  gif: () => noise.clone().gif().toBuffer(),
  avif: () => plain(64, 64).avif().toBuffer(),
} as const;

/** Each place is a part of the length, so that one list of wounds fits every file. */
const wound = fc.oneof(
  fc.record({ kind: fc.constant("flip" as const), at: unit(), bits: fc.integer({ min: 1, max: 255 }) }),
  fc.record({ kind: fc.constant("cut" as const), at: unit(), bits: fc.constant(0) }),
  fc.record({ kind: fc.constant("repeat" as const), at: unit(), bits: fc.integer({ min: 1, max: 255 }) }),
  fc.record({ kind: fc.constant("lose" as const), at: unit(), bits: fc.integer({ min: 1, max: 255 }) }),
  fc.record({ kind: fc.constant("enlarge" as const), at: unit(), bits: fc.constant(0xff) }),
);
type Wound = { kind: "flip" | "cut" | "repeat" | "lose" | "enlarge"; at: number; bits: number };

function unit() {
  return fc.double({ min: 0, max: 0.999, noNaN: true });
}

function hurt(bytes: Buffer, { kind, at, bits }: Wound): Buffer {
  const place = Math.floor(bytes.length * at);
  switch (kind) {
    case "flip":
      bytes[place] = (bytes[place] ?? 0) ^ bits;
      return bytes;
    case "cut":
      return bytes.subarray(0, place);
    case "repeat":
      return Buffer.concat([bytes.subarray(0, place + bits), bytes.subarray(place)]);
    case "lose":
      return Buffer.concat([bytes.subarray(0, place), bytes.subarray(place + bits)]);
    case "enlarge":
      return bytes.fill(bits, place, Math.min(place + 4, bytes.length));
  }
}

test.each(Object.entries(sources))("a wounded %s is refused or drawn anew", async (_kind, make) => {
  const whole = await make();
  const lostBefore = decoders.length;
  await fc.assert(
    fc.asyncProperty(fc.array(wound, { minLength: 1, maxLength: 6 }), async (wounds) => {
      const hurtBytes = wounds.reduce(hurt, Buffer.from(whole));
      const outcome = await outcomeOf(hurtBytes);
      expect(["drawn", "damaged", "unsupported_type", "too_many_pixels", "empty"]).toContain(outcome);
    }),
    { seed: Number(process.env["FAST_CHECK_SEED"] ?? 20_260_101), numRuns: 100 },
  );
  expect(decoders.length - lostBefore).toBeLessThanOrEqual(1);
});

test("no picture of the corpus has cost a decoder", () => {
  expect(decoders.map(({ isAlive }) => isAlive)).toEqual([true]);
});
