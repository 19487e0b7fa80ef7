import { createServer as createHttpServer } from "node:http";
import type { RequestListener } from "node:http";
import type { request as requestHttps } from "node:https";
import { createServer } from "node:net";
import type { AddressInfo, LookupFunction, Server } from "node:net";
import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, test } from "vitest";
import { parseAttachmentHosts } from "../../clients/attachment-hosts.ts";
import { createAttachmentFetcher } from "../../clients/fetch-attachment.ts";
import type { AttachmentFetcherOptions } from "../../clients/fetch-attachment.ts";
import { eventually } from "../support/eventually.ts";
import { forbiddenAddresses, hostileLinks } from "../support/hostile-links.ts";
import { anywhere } from "../support/egress.ts";

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

const portOf = (server: Server) => (server.address() as AddressInfo).port;

/** A place where nobody may come, on every address of this machine; `seen` counts who comes all the same. */
async function forbiddenPlace() {
  let seen = 0;
  const server = createServer((socket) => {
    seen += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, resolve));
  closers.push(() => server.close());
  return { port: portOf(server), seen: () => seen };
}

async function serve(listener: RequestListener): Promise<number> {
  const server = createHttpServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return portOf(server);
}

const publicOne = { address: "157.240.1.1", family: 4 };

type Limits = Omit<AttachmentFetcherOptions, "hosts" | "egress">;

function fetcherFor(allowed: number, limits: Limits = {}) {
  return createAttachmentFetcher({
    egress: anywhere,
    hosts: parseAttachmentHosts(`fbcdn.net, fbsbx.com, 127.0.0.1:${allowed}`),
    ...limits,
  });
}

/** What the simulator's address answers with. */
async function fetchFrom(listener: RequestListener, limits: Limits = {}) {
  const port = await serve(listener);
  return fetcherFor(port, limits).fetchAttachment(`http://127.0.0.1:${port}/a.jpg`);
}

describe("where it goes", () => {
  test("no link of the corpus reaches a socket or a name server", async () => {
    const place = await forbiddenPlace();
    let visits = 0;
    const allowed = await serve((_req, res) => {
      visits += 1;
      res.end();
    });
    const names: string[] = [];
    const fetcher = fetcherFor(allowed, {
      resolve: (name) => {
        names.push(name);
        return Promise.resolve([{ address: "127.0.0.1", family: 4 }]);
      },
    });
    const links = hostileLinks({ allowed, forbidden: place.port });
    expect(links.length).toBeGreaterThanOrEqual(150);
    for (const link of links) {
      const result = await fetcher.fetchAttachment(link);
      expect(result, link).toMatchObject({ ok: false, isRetryable: false });
      expect(["bad_url", "host_not_allowed"], link).toContain(!result.ok && result.reason);
    }
    expect(names).toEqual([]);
    expect([place.seen(), visits]).toEqual([0, 0]);
  });

  test.each(forbiddenAddresses)("an allowed name that leads to %s leads nowhere", async (address) => {
    const place = await forbiddenPlace();
    const family = address.includes(":") ? 6 : 4;
    for (const addresses of [[{ address, family }], [publicOne, { address, family }]]) {
      const fetcher = fetcherFor(place.port, { resolve: () => Promise.resolve(addresses) });
      const result = await fetcher.fetchAttachment("https://scontent.fbcdn.net/a.jpg");
      expect(result).toEqual({ ok: false, reason: "address_refused", isRetryable: false });
    }
    expect(place.seen()).toBe(0);
  });

  test("a name that is public when it is checked and private a moment later leads to what was checked", async () => {
    const answers = [publicOne, { address: "127.0.0.1", family: 4 }];
    const dialled: unknown[] = [];
    const fetcher = fetcherFor(1, {
      resolve: () => Promise.resolve(answers.splice(0, 1)),
      requestTls: ((_url: URL, { lookup }: { lookup: LookupFunction }) => {
        const note = (_error: unknown, found: unknown) => dialled.push(found);
        lookup("scontent.fbcdn.net", { all: true }, note);
        lookup("scontent.fbcdn.net", { all: false }, note);
        throw new Error("not made");
      }) as unknown as typeof requestHttps,
    });
    await fetcher.fetchAttachment("https://scontent.fbcdn.net/a.jpg");
    expect(dialled).toEqual([[publicOne], publicOne.address]);
    expect(answers).toHaveLength(1);
    expect(await fetcher.fetchAttachment("https://scontent.fbcdn.net/a.jpg")).toMatchObject({
      reason: "address_refused",
    });
  });

  test.each([
    ["301", (url: string) => url],
    ["302", (url: string) => url],
    ["303", () => "http://169.254.169.254/latest/meta-data/"],
    ["307", () => "https://scontent.fbcdn.net/b.jpg"],
    ["308", () => "file:///etc/passwd"],
    ["300", () => "//127.0.0.1/"],
    ["304", () => "/a.jpg"],
  ])("a redirect by %s is not followed, wherever it points", async (status, targetOf) => {
    const place = await forbiddenPlace();
    const location = targetOf(`http://127.0.0.1:${place.port}/`);
    let visits = 0;
    const result = await fetchFrom((_req, res) => {
      visits += 1;
      res.writeHead(Number(status), { location }).end();
    });
    expect(result).toEqual({ ok: false, reason: "redirected", isRetryable: false });
    expect([visits, place.seen()]).toEqual([1, 0]);
  });

  test("a page that says to go on by itself is bytes like any other", async () => {
    const place = await forbiddenPlace();
    const html = `<meta http-equiv="refresh" content="0;url=http://127.0.0.1:${place.port}/">`;
    const result = await fetchFrom((_req, res) => {
      res.writeHead(200, { refresh: `0;url=http://127.0.0.1:${place.port}/`, "content-type": "text/html" });
      res.end(html);
    });
    expect(result).toEqual({ ok: true, bytes: Buffer.from(html) });
    expect(place.seen()).toBe(0);
  });
});

describe("what it takes in", () => {
  const mib = 1024 * 1024;

  test("ten gigabytes announced are refused before the first", async () => {
    let sent = 0;
    const result = await fetchFrom((_req, res) => {
      res.writeHead(200, { "content-length": "10737418240" });
      res.write(Buffer.alloc(1_000), () => (sent += 1_000));
    });
    expect(result).toEqual({ ok: false, reason: "too_large", isRetryable: false });
    expect(sent).toBeLessThanOrEqual(1_000);
  });

  test("an endless chunked body is left at the limit", async () => {
    let hungUpAfter: number | undefined;
    const result = await fetchFrom((_req, res) => {
      let sent = 0;
      const pour = () => {
        while (!res.destroyed && res.write(Buffer.alloc(65_536))) sent += 65_536;
      };
      res.on("drain", pour).on("close", () => (hungUpAfter = sent));
      pour();
    });
    expect(result).toEqual({ ok: false, reason: "too_large", isRetryable: false });
    expect(await eventually("it hangs up", () => hungUpAfter)).toBeLessThan(20 * mib);
  });

  test.each([
    [
      "shorter than the body",
      "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcdef",
      { ok: true, bytes: "abc" },
    ],
    ["longer than the body", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", "unreachable"],
    ["negative", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nabc", "unreachable"],
    ["not a number", "HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\nabc", "unreachable"],
    ["given twice", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 3\r\n\r\nabc", "unreachable"],
    [
      "beside chunks",
      "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
      "unreachable",
    ],
    ["in a header of 100 kB", `HTTP/1.1 200 OK\r\nX: ${"x".repeat(100_000)}\r\n\r\nabc`, "unreachable"],
    ["under another protocol", "220 ftp ready\r\n", "unreachable"],
    ["behind 50 interim answers", "HTTP/1.1 102 Wait\r\n\r\n".repeat(50), "unreachable"],
  ])("a length that is %s is survived", async (_how, answer, outcome) => {
    const server = createServer((socket) => {
      socket.on("error", () => undefined).on("data", () => socket.end(answer));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    closers.push(() => server.close());
    const port = portOf(server);
    const result = await fetcherFor(port, { timeoutMs: 5_000 }).fetchAttachment(`http://127.0.0.1:${port}/`);
    if (typeof outcome === "string") expect(result).toMatchObject({ ok: false, reason: outcome });
    else expect(result.ok && result.bytes.toString()).toBe(outcome.bytes);
  });

  test("a packed bomb stays packed", async () => {
    const bomb = gzipSync(Buffer.alloc(100 * mib), { level: 9 });
    const result = await fetchFrom((_req, res) => {
      res.writeHead(200, { "content-encoding": "gzip", "content-type": "image/jpeg" }).end(bomb);
    });
    expect(result.ok && result.bytes.equals(bomb)).toBe(true);
  });

  test.each([
    ["the connection", undefined],
    ["the headers", "HTTP/1.1 200 OK\r\nX: "],
    ["the body", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"],
  ])("who is silent after %s is left by the time limit", async (_what, begin) => {
    let isLeft = false;
    const server = createServer((socket) => {
      socket.on("error", () => undefined).on("close", () => (isLeft = true));
      socket.on("data", () => begin !== undefined && socket.write(begin));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    closers.push(() => server.close());
    const port = portOf(server);
    const result = await fetcherFor(port, { timeoutMs: 300 }).fetchAttachment(`http://127.0.0.1:${port}/`);
    expect(result).toEqual({ ok: false, reason: "timeout", isRetryable: true });
    await eventually("it hangs up", () => isLeft);
  });

  test("a name server that never answers is left by the time limit", async () => {
    const fetcher = fetcherFor(1, { timeoutMs: 100, resolve: () => new Promise(() => undefined) });
    const result = await fetcher.fetchAttachment("https://scontent.fbcdn.net/a.jpg");
    expect(result).toEqual({ ok: false, reason: "timeout", isRetryable: true });
  });
});
