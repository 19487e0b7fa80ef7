/** Why a picture is not accepted; all are final for these bytes, but `too_slow`, which another try may pass. */
export type ImageRefusal =
  | "empty"
  | "too_large" // bytes
  | "unsupported_type"
  | "too_many_pixels"
  | "damaged"
  | "too_slow";

export type SanitisedImage = {
  /** A JPEG that was drawn anew from the pixels of the first frame: no metadata, nothing appended. */
  bytes: Buffer;
  width: number;
  height: number;
  /** SHA-256 of the bytes as they came. */
  sourceHash: Buffer;
};

export type ImageResult = ({ ok: true } & SanitisedImage) | { ok: false; reason: ImageRefusal };

export interface ImageProcessor {
  sanitiseImage(bytes: Uint8Array): Promise<ImageResult>;
}
