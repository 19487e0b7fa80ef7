import { createHash, randomBytes } from "node:crypto";
import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { createImageProcessor, defaultImageLimits } from "../../clients/image.ts";
import type { ImageResult } from "../../domain/ports/image-processor.ts";
import { buildPng } from "../support/pictures/png.ts";

const processor = createImageProcessor();

function picture(width = 60, height = 40) {
  return sharp({ create: { width, height, channels: 3, background: { r: 200, g: 30, b: 30 } } });
}

function accepted(result: ImageResult) {
  if (!result.ok) throw new Error(`refused: ${result.reason}`);
  return result;
}

describe("accepted pictures", () => {
  test.each(["jpeg", "png", "webp", "gif"] as const)("a %s becomes a JPEG of its pixels", async (format) => {
    const source = await picture().toFormat(format).toBuffer();
    const image = accepted(await processor.sanitiseImage(source));
    expect([image.width, image.height]).toEqual([60, 40]);
    expect((await sharp(image.bytes).metadata()).format).toBe("jpeg");
    const { dominant } = await sharp(image.bytes).stats();
    expect(dominant.r).toBeGreaterThan(150);
    expect(image.sourceHash.equals(createHash("sha256").update(source).digest())).toBe(true);
  });

  test("is drawn upright and small enough", async () => {
    const source = await picture(4_000, 1_000).withMetadata({ orientation: 6 }).jpeg().toBuffer();
    const image = accepted(await processor.sanitiseImage(source));
    expect([image.width, image.height]).toEqual([400, 1_600]);
  });

  test("loses EXIF, GPS, comments, profiles and whatever hung behind the picture", async () => {
    const source = await picture()
      .withExif({ IFD0: { Copyright: "CANARY-EXIF" }, IFD3: { GPSLatitude: "16/1 48/1 0/1" } })
      .withIccProfile("p3")
      .withXmp("<x:xmpmeta xmlns:x='adobe:ns:meta/'>CANARY-XMP</x:xmpmeta>")
      .jpeg()
      .toBuffer();
    const polyglot = Buffer.concat([source, Buffer.from("PK\x03\x04 CANARY-ZIP <script>CANARY</script>")]);
    expect(polyglot.includes("CANARY-EXIF")).toBe(true);
    const { bytes } = accepted(await processor.sanitiseImage(polyglot));
    expect(bytes.includes("CANARY")).toBe(false);
    const metadata = await sharp(bytes).metadata();
    expect([metadata.exif, metadata.icc, metadata.xmp, metadata.iptc]).toEqual(Array(4).fill(undefined));
  });

  test("of an animation keeps the first frame", async () => {
    const red = await picture().png().toBuffer();
    const blue = await sharp({ create: { width: 60, height: 40, channels: 3, background: "blue" } })
      .png()
      .toBuffer();
    for (const format of ["gif", "webp"] as const) {
      const source = await sharp([red, blue, red], { join: { animated: true } })
        .toFormat(format)
        .toBuffer();
      expect((await sharp(source, { animated: true }).metadata()).pages).toBe(3);
      const image = accepted(await processor.sanitiseImage(source));
      expect(image.height).toBe(40);
      expect((await sharp(image.bytes).stats()).dominant.r).toBeGreaterThan(150);
    }
  });

  test("shows white where it was transparent", async () => {
    const source = await sharp({ create: { width: 8, height: 8, channels: 4, background: "#00000000" } })
      .png()
      .toBuffer();
    const image = accepted(await processor.sanitiseImage(source));
    expect((await sharp(image.bytes).stats()).channels[0]?.min).toBeGreaterThan(250);
  });
});

describe("refused pictures", () => {
  test.each([
    ["SVG with a script", "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"],
    ["HTML", "<!doctype html><script>alert(1)</script>"],
    ["PDF", "%PDF-1.7\n1 0 obj"],
    ["TIFF", "II*\0\x08\0\0\0"],
    ["ZIP", "PK\x03\x04"],
    ["HEIC", "\0\0\0\x18ftypheic"],
    ["plain text", "just words"],
  ])("%s is of no supported type", async (_name, content) => {
    const result = await processor.sanitiseImage(Buffer.from(content, "latin1"));
    expect(result).toEqual({ ok: false, reason: "unsupported_type" });
  });

  test("nothing, and too much, are told apart", async () => {
    expect(await processor.sanitiseImage(Buffer.alloc(0))).toEqual({ ok: false, reason: "empty" });
    const big = Buffer.alloc(defaultImageLimits.maxBytes + 1);
    big.set([0xff, 0xd8, 0xff]);
    expect(await processor.sanitiseImage(big)).toEqual({ ok: false, reason: "too_large" });
  });

  test("a bomb of 900 million pixels in 100 kB is refused before it is decoded", async () => {
    const bomb = buildPng({ width: 30_000, height: 30_000, bitDepth: 1, colourType: 0 });
    expect(bomb.length).toBeLessThan(200_000);
    expect(await processor.sanitiseImage(bomb)).toEqual({ ok: false, reason: "too_many_pixels" });
  });

  test.each([
    [4_000_000, 10],
    [10, 4_000_000],
  ])("a thin picture of %i×%i is refused before it is decoded", async (width, height) => {
    const thin = buildPng({ width, height, colourType: 0 });
    expect(await processor.sanitiseImage(thin)).toEqual({ ok: false, reason: "too_many_pixels" });
  });

  test("GIF with a script in it is no GIF", async () => {
    const result = await processor.sanitiseImage(Buffer.from("GIF89a/*\0*/=1;alert(1)//"));
    expect(result).toEqual({ ok: false, reason: "damaged" });
  });

  test.each(["jpeg", "png", "webp", "gif"] as const)("a cut or scrambled %s never throws", async (format) => {
    const source = await sharp({
      create: {
        width: 200,
        height: 200,
        channels: 3,
        noise: { type: "gaussian", mean: 120, sigma: 60 },
        background: "red",
      },
    })
      .toFormat(format)
      .toBuffer();
    const cut = await processor.sanitiseImage(source.subarray(0, Math.floor(source.length / 3)));
    expect(cut).toEqual({ ok: false, reason: "damaged" });
    for (let seed = 1; seed <= 30; seed += 1) {
      const scrambled = Buffer.from(source);
      for (let step = 0; step < 20; step += 1)
        scrambled[(seed * 7919 + step * 104_729) % source.length] = seed * step;
      const result = await processor.sanitiseImage(scrambled);
      if (result.ok) expect((await sharp(result.bytes).metadata()).format).toBe("jpeg");
    }
  });

  test("slow decoding ends by the time limit", async () => {
    const side = 4_000;
    const noise = await sharp(randomBytes(side * side * 3), {
      raw: { width: side, height: side, channels: 3 },
    })
      .png({ compressionLevel: 0 })
      .toBuffer();
    const limits = { ...defaultImageLimits, maxBytes: noise.length, maxSidePx: side, timeoutSeconds: 1 };
    const impatient = createImageProcessor({ ...limits, atOnce: 8 });
    const results = await Promise.all(Array.from({ length: 8 }, () => impatient.sanitiseImage(noise)));
    // A fast machine may finish some in time; none is called damaged.
    const others = results.filter((result) => !result.ok && result.reason !== "too_slow");
    expect(others).toEqual([]);
  });
});
