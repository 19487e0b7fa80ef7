import { badParameter } from "./graph-error.ts";

const maxImageBytes = 8 * 1024 * 1024;
const mediaFetchTimeoutMs = 10_000;

/** Fetches a picture or file that the product named by URL; redirects are refused, as Meta refuses them. */
export async function fetchMedia(url: string): Promise<{ bytes: Uint8Array; contentType: string }> {
  let answer: Response;
  try {
    answer = await fetch(url, { redirect: "manual", signal: AbortSignal.timeout(mediaFetchTimeoutMs) });
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    const bytes = new Uint8Array(await answer.arrayBuffer());
    if (bytes.byteLength > maxImageBytes)
      throw badParameter("Attachment size exceeds allowable limit", 2018109);
    return { bytes, contentType: answer.headers.get("content-type") ?? "application/octet-stream" };
  } catch {
    throw badParameter("Failed to fetch the file from the url", 2018008);
  }
}
