import { createHash } from "node:crypto";

/** The uuid v7 of a moment and a text: the same two give the same id, and ids keep the order of their moments. */
export function stableUuid(at: Date, seed: string): string {
  const bytes = createHash("sha256").update(`uuid|${seed}`).digest().subarray(0, 16);
  bytes.writeUIntBE(at.getTime(), 0, 6);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x70, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
