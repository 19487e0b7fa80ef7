import { createHash } from "node:crypto";
import sharp from "sharp";
import type { ImageProcessor, ImageRefusal, ImageResult } from "../domain/ports/image-processor.ts";
import { createLimiter } from "./limiter.ts";

export type ImageLimits = {
  maxBytes: number;
  maxPixels: number;
  /** Longest side of what comes: whole rows are held many at a time, so that a thin picture costs gigabytes. */
  maxSourceSidePx: number;
  /** Longest side of what is kept. */
  maxSidePx: number;
  /** Of decoding and encoding, without the wait for a free place; whole seconds. */
  timeoutSeconds: number;
  atOnce: number;
};

export const defaultImageLimits: ImageLimits = {
  maxBytes: 10 * 1024 * 1024,
  maxPixels: 40_000_000,
  maxSourceSidePx: 32_767, // beyond any camera's panorama or long screenshot; about 350 MB at worst
  maxSidePx: 1_600,
  timeoutSeconds: 10,
  atOnce: 2, // the dearest picture within these limits takes 450 MB while it is decoded
};

type Format = "jpeg" | "png" | "webp" | "gif";

/**
 * Draws pictures of strangers anew, so that only pixels survive. The decoder (libvips) runs in this process, on its own
 * threads: size and pixel limits hold, but a crash of the decoder is a crash of the process, and a JPEG of ten thousand
 * scans outstays the time limit. `createContainedImageProcessor` runs it where that does no harm.
 */
export function createImageProcessor(limits: ImageLimits = defaultImageLimits): ImageProcessor {
  sharp.cache(false);
  const limited = createLimiter(limits.atOnce);
  return {
    async sanitiseImage(bytes) {
      const refusal = refuseUnopened(bytes, limits);
      return refusal === undefined ? limited(() => redraw(bytes, limits)) : refused(refusal);
    },
  };
}

/** What size and first bytes tell; nothing is decoded. */
export function refuseUnopened(bytes: Uint8Array, limits: ImageLimits): ImageRefusal | undefined {
  if (bytes.length === 0) return "empty";
  if (bytes.length > limits.maxBytes) return "too_large";
  return sniffFormat(bytes) === undefined ? "unsupported_type" : undefined;
}

async function redraw(bytes: Uint8Array, limits: ImageLimits): Promise<ImageResult> {
  const startedAtMs = performance.now();
  try {
    const options = { limitInputPixels: limits.maxPixels, pages: 1, failOn: "error" } as const;
    const metadata = await sharp(bytes, options).metadata();
    if (metadata.format !== sniffFormat(bytes)) return refused("unsupported_type");
    if (Math.max(metadata.width, metadata.height) > limits.maxSourceSidePx) return refused("too_many_pixels");
    const { data, info } = await sharp(bytes, options)
      .autoOrient()
      .resize({ width: limits.maxSidePx, height: limits.maxSidePx, fit: "inside", withoutEnlargement: true })
      .flatten({ background: "white" })
      .jpeg({ quality: 85 })
      .timeout({ seconds: limits.timeoutSeconds })
      .toBuffer({ resolveWithObject: true });
    const sourceHash = createHash("sha256").update(bytes).digest();
    return { ok: true, bytes: data, width: info.width, height: info.height, sourceHash };
  } catch (error) {
    // Cut short, libvips complains about whatever it was reading.
    const isLate = performance.now() - startedAtMs >= limits.timeoutSeconds * 1_000;
    return refused(isLate ? "too_slow" : refusalOf(error));
  }
}

/** The first bytes decide, never a file name or a content type. SVG, PDF, HEIC, TIFF and the rest are not on the list. */
function sniffFormat(bytes: Uint8Array): Format | undefined {
  const head = Buffer.from(bytes.subarray(0, 12)).toString("latin1");
  if (head.startsWith("\xff\xd8\xff")) return "jpeg";
  if (head.startsWith("\x89PNG\r\n\x1a\n")) return "png";
  if (head.startsWith("GIF87a") || head.startsWith("GIF89a")) return "gif";
  if (head.startsWith("RIFF") && head.slice(8, 12) === "WEBP") return "webp";
  return undefined;
}

/** libvips tells its errors apart by their English words only. */
function refusalOf(error: unknown): ImageRefusal {
  const words = error instanceof Error ? error.message : "";
  if (/pixel limit|too large|exceeds/i.test(words)) return "too_many_pixels";
  return "damaged";
}

function refused(reason: ImageRefusal): ImageResult {
  return { ok: false, reason };
}
