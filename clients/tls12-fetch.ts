import { request as requestHttps } from "node:https";
import type { IncomingMessage } from "node:http";

/** `fetch` for a provider that cannot do TLS 1.3, which `fetch` itself demands here; it follows no redirect. */
export async function fetchOverTls12(url: string | URL, init: RequestInit): Promise<Response> {
  const request = new Request(url, init);
  const body = Buffer.from(await request.arrayBuffer());
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const { method, signal } = request;
    const headers = { ...Object.fromEntries(request.headers), "content-length": String(body.length) };
    requestHttps(url, { method, headers, signal, minVersion: "TLSv1.2" }, resolve)
      .on("error", (cause) => reject(new TypeError("fetch failed", { cause })))
      .end(body);
  });
  const chunks: Buffer[] = [];
  for await (const chunk of answer as AsyncIterable<Buffer>) chunks.push(chunk);
  const status = answer.statusCode ?? 500;
  if (status >= 300 && status < 400) throw new TypeError("unexpected redirect");
  const headers = Object.entries(answer.headers).map(
    ([name, value]) => [name, String(value)] as [string, string],
  );
  return new Response(status === 204 ? null : Buffer.concat(chunks), { status, headers });
}
