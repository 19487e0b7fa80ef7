import { createHash } from "node:crypto";
import type { Logger } from "pino";
import { AppError } from "../domain/app-error.ts";
import type { ImageProcessor, ImageResult } from "../domain/ports/image-processor.ts";
import { startImageDecoder } from "./image-decoder.ts";
import type { ImageDecoder } from "./image-decoder.ts";
import { defaultImageLimits, refuseUnopened } from "./image.ts";
import type { ImageLimits } from "./image.ts";
import { createLimiter } from "./limiter.ts";

export type ContainedImageProcessor = ImageProcessor & {
  /** Ends the decoders, also those at work. */
  close(): Promise<void>;
};

type Options = { log: Logger; limits?: ImageLimits; startDecoder?: typeof startImageDecoder };

/** The decoder may have fallen victim to the machine, not to the picture. */
const tries = 2;

/**
 * Draws pictures anew in processes of their own, so that one that crashes or hangs the decoder costs that picture alone,
 * and one that takes it over gets no further than its answers. A decoder is started when one is wanted, stays for the
 * next picture, and is replaced when it ends, or says a word that nobody asked for.
 */
export function createContainedImageProcessor({
  log,
  limits = defaultImageLimits,
  startDecoder = startImageDecoder,
}: Options): ContainedImageProcessor {
  const limited = createLimiter(limits.atOnce);
  const decoders = new Set<ImageDecoder>();
  const idle: ImageDecoder[] = [];
  let isClosed = false;

  const takeDecoder = (): ImageDecoder => {
    if (isClosed) throw closed();
    for (let next = idle.pop(); next; next = idle.pop()) {
      if (next.isAlive) return next;
      decoders.delete(next);
    }
    const decoder = startDecoder({ ...limits, atOnce: 1 });
    decoders.add(decoder);
    return decoder;
  };

  const decodeOnce = async (bytes: Uint8Array) => {
    const decoder = takeDecoder();
    try {
      return await decoder.decode(bytes);
    } finally {
      if (decoder.isAlive) idle.push(decoder);
      else decoders.delete(decoder);
    }
  };

  const decode = async (bytes: Uint8Array): Promise<ImageResult> => {
    for (let attempt = 1; attempt <= tries; attempt += 1) {
      const answer = await decodeOnce(bytes);
      if (typeof answer === "object") return answer;
      if (isClosed) throw closed();
      log.warn({ reason: answer, attempt }, "image.decoder_lost");
      if (answer === "late") return { ok: false, reason: "too_slow" };
    }
    return { ok: false, reason: "damaged" };
  };

  return {
    async sanitiseImage(bytes) {
      const refusal = refuseUnopened(bytes, limits);
      if (refusal !== undefined) return { ok: false, reason: refusal };
      const result = await limited(() => decode(bytes));
      // What the evidence is known by is never a decoder's word.
      return result.ok ? { ...result, sourceHash: createHash("sha256").update(bytes).digest() } : result;
    },
    async close() {
      isClosed = true;
      await Promise.all([...decoders].map((decoder) => decoder.kill()));
    },
  };
}

function closed(): AppError {
  return new AppError("unavailable", "image.closed", { internal: "the process is stopping" });
}
