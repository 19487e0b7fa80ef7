import type { Context } from "hono";

/** The body of a call: the text that faults are matched with, and what the log keeps. Handlers can still read it. */
export async function readCallBody(c: Context): Promise<{ text: string; shown: unknown }> {
  const bytes = await c.req.arrayBuffer();
  if (/multipart\/form-data/i.test(c.req.header("content-type") ?? "")) {
    const text = Buffer.from(bytes).toString("latin1");
    return { text, shown: `<${bytes.byteLength} bytes of form data>` };
  }
  const text = new TextDecoder().decode(bytes);
  try {
    return { text, shown: JSON.parse(text, shortenInlineData) };
  } catch {
    return { text, shown: text === "" ? null : text };
  }
}

/** Inline pictures would fill the memory; their length is enough for whoever reads the log. */
function shortenInlineData(_key: string, value: unknown): unknown {
  if (typeof value !== "string" || !value.startsWith("data:")) return value;
  const comma = value.indexOf(",");
  return comma === -1 ? value : `${value.slice(0, comma)},<${value.length - comma - 1} characters>`;
}
