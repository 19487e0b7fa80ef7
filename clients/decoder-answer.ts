import { z } from "zod";
import type { ImageResult } from "../domain/ports/image-processor.ts";
import type { ImageLimits } from "./image.ts";

const jpegStart = Buffer.from([0xff, 0xd8, 0xff]);
const refusals = [
  "empty",
  "too_large",
  "unsupported_type",
  "too_many_pixels",
  "damaged",
  "too_slow",
] as const;

/** A decoder that a picture has taken over may say anything, so its answer is read like a stranger's. */
export function readDecoderAnswer(message: unknown, { maxSidePx, maxBytes }: ImageLimits): ImageResult {
  const side = z.int().min(1).max(maxSidePx);
  const jpeg = z
    .instanceof(Uint8Array)
    .refine((bytes) => bytes.length <= maxBytes && jpegStart.equals(bytes.subarray(0, 3)))
    .transform((bytes) => Buffer.from(bytes));
  const sourceHash = z.instanceof(Uint8Array).transform((bytes) => Buffer.from(bytes));
  const answer = z
    .union([
      z.object({ ok: z.literal(true), bytes: jpeg, width: side, height: side, sourceHash }),
      z.object({ ok: z.literal(false), reason: z.enum(refusals) }),
    ])
    .safeParse(message);
  return answer.success ? answer.data : { ok: false, reason: "damaged" };
}
