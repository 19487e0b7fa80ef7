/** The content type that the first bytes tell, for the kinds that Messenger carries. */
export function sniffContentType(bytes: Uint8Array): string | undefined {
  const head = Buffer.from(bytes.subarray(0, 12));
  const hex = head.toString("hex");
  if (hex.startsWith("89504e470d0a1a0a")) return "image/png";
  if (hex.startsWith("ffd8ff")) return "image/jpeg";
  if (hex.startsWith("47494638")) return "image/gif";
  if (hex.startsWith("52494646") && head.toString("latin1", 8, 12) === "WEBP") return "image/webp";
  if (hex.startsWith("25504446")) return "application/pdf";
  if (head.toString("latin1", 4, 8) === "ftyp") return "video/mp4";
  return undefined;
}
