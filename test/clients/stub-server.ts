import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export type SeenRequest = {
  method: string;
  url: URL;
  headers: IncomingMessage["headers"];
  body: string;
};
export type StubAnswer = { status?: number; headers?: Record<string, string>; json?: unknown; text?: string };

/** A loopback server that records requests and answers as the test says; `drop` loses the answer. */
export async function startStub(answer: (request: SeenRequest) => StubAnswer | "drop" | "hang") {
  const seen: SeenRequest[] = [];
  const server = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on("data", (chunk: Buffer) => chunks.push(chunk));
    req.on("end", () => {
      const request = {
        method: req.method ?? "",
        url: new URL(req.url ?? "/", "http://stub"),
        headers: req.headers,
        body: Buffer.concat(chunks).toString("utf8"),
      };
      seen.push(request);
      reply(req, res, answer(request));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen, close };
}

function reply(req: IncomingMessage, res: ServerResponse, answer: StubAnswer | "drop" | "hang"): void {
  if (answer === "hang") return;
  if (answer === "drop") {
    req.socket.destroy();
    return;
  }
  res.writeHead(answer.status ?? 200, { "content-type": "application/json", ...answer.headers });
  res.end(answer.text ?? JSON.stringify(answer.json ?? {}));
}
