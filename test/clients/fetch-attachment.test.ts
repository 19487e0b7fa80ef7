import { createServer } from "node:http";
import type { RequestListener, Server } from "node:http";
import type { request as requestHttps } from "node:https";
import type { AddressInfo, LookupFunction } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { parseAttachmentHosts } from "../../clients/attachment-hosts.ts";
import { createAttachmentFetcher } from "../../clients/fetch-attachment.ts";
import { isPublicAddress } from "../../clients/public-address.ts";
import { anywhere } from "../support/egress.ts";

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function fetchFrom(listener: RequestListener, limits: { timeoutMs?: number; maxBytes?: number } = {}) {
  const host = await serve(listener);
  const fetcher = createAttachmentFetcher({ egress: anywhere, hosts: parseAttachmentHosts(host), ...limits });
  return fetcher.fetchAttachment(`http://${host}/slip.jpg`);
}

const publicAddress = { address: "157.240.1.1", family: 4 };

/** A fetcher for Meta's hosts whose name look-ups and requests are seen instead of made. */
function watchedFetcher(addresses: { address: string; family: number }[]) {
  const seen = { lookups: 0, requests: [] as { url: string; lookup: LookupFunction }[] };
  const requestTls = ((url: URL, options: { lookup: LookupFunction }) => {
    seen.requests.push({ url: url.href, lookup: options.lookup });
    throw new Error("not made");
  }) as unknown as typeof requestHttps;
  const resolve = () => {
    seen.lookups += 1;
    return Promise.resolve(addresses);
  };
  const hosts = parseAttachmentHosts("fbcdn.net, fbsbx.com");
  return { seen, fetcher: createAttachmentFetcher({ egress: anywhere, hosts, resolve, requestTls }) };
}

describe("where it goes", () => {
  test.each([
    ["http", "http://scontent.fbcdn.net/a.jpg"],
    ["another port", "https://scontent.fbcdn.net:8443/a.jpg"],
    ["a host with an allowed name in front", "https://fbcdn.net.evil.example/a.jpg"],
    ["a host with an allowed name as its ending", "https://evilfbcdn.net/a.jpg"],
    ["credentials that look like a host", "https://scontent.fbcdn.net@evil.example/a.jpg"],
    ["credentials at an allowed host", "https://user:pw@scontent.fbcdn.net/a.jpg"],
    ["the cloud's metadata", "http://169.254.169.254/latest/meta-data"],
    ["a private address", "https://10.0.0.7/a.jpg"],
    ["loopback in decimal", "https://2130706433/a.jpg"],
    ["loopback in octal", "https://0177.0.0.1/a.jpg"],
    ["loopback as IPv4-mapped IPv6", "https://[::ffff:127.0.0.1]/a.jpg"],
    ["a file", "file:///etc/passwd"],
    ["data", "data:image/png;base64,AAAA"],
    ["our own loopback, which no setting allows", "http://127.0.0.1:80/"],
  ])("refuses %s without a look-up or a request", async (_name, url) => {
    const { seen, fetcher } = watchedFetcher([publicAddress]);
    expect(await fetcher.fetchAttachment(url)).toEqual({
      ok: false,
      reason: "host_not_allowed",
      isRetryable: false,
    });
    expect(seen).toEqual({ lookups: 0, requests: [] });
  });

  test("refuses what is no URL", async () => {
    const result = await watchedFetcher([]).fetcher.fetchAttachment("//no url");
    expect(result).toMatchObject({ ok: false, reason: "bad_url" });
  });

  test.each(["127.0.0.1", "10.1.2.3", "169.254.169.254", "100.64.0.1", "::1", "::ffff:10.0.0.1", "fd00::1"])(
    "refuses an allowed name that leads to %s, even beside a public address",
    async (address) => {
      const { seen, fetcher } = watchedFetcher([
        publicAddress,
        { address, family: address.includes(":") ? 6 : 4 },
      ]);
      const result = await fetcher.fetchAttachment("https://scontent.fbcdn.net/a.jpg");
      expect(result).toEqual({ ok: false, reason: "address_refused", isRetryable: false });
      expect(seen.requests).toEqual([]);
    },
  );

  test("resolves the name once and pins the socket to the address that was checked", async () => {
    const { seen, fetcher } = watchedFetcher([publicAddress]);
    await fetcher.fetchAttachment("https://scontent.fbcdn.net/a.jpg?x=1");
    expect(seen.lookups).toBe(1);
    const [request] = seen.requests;
    expect(request?.url).toBe("https://scontent.fbcdn.net/a.jpg?x=1");
    const pinned = await new Promise((resolve) =>
      request?.lookup("scontent.fbcdn.net", { all: true }, (_error, addresses) => resolve(addresses)),
    );
    expect(pinned).toEqual([publicAddress]);
  });
});

describe("what it brings", () => {
  test("the bytes, asked for without credentials or compression", async () => {
    let headers: Record<string, unknown> = {};
    const result = await fetchFrom((req, res) => {
      headers = req.headers;
      res.end(Buffer.from([1, 2, 3]));
    });
    expect(result).toEqual({ ok: true, bytes: Buffer.from([1, 2, 3]) });
    expect(headers).toMatchObject({ "accept-encoding": "identity" });
    expect(headers).not.toHaveProperty("cookie");
  });

  test("never what a redirect points to", async () => {
    let visited = 0;
    const target = await serve((_req, res) => {
      visited += 1;
      res.end("secret");
    });
    const result = await fetchFrom((_req, res) =>
      res.writeHead(302, { location: `http://${target}/` }).end(),
    );
    expect(result).toEqual({ ok: false, reason: "redirected", isRetryable: false });
    expect(visited).toBe(0);
  });

  test("gone links are final, a server in trouble is not", async () => {
    const gone = await fetchFrom((_req, res) => res.writeHead(403).end());
    const trouble = await fetchFrom((_req, res) => res.writeHead(503).end());
    expect(gone).toEqual({ ok: false, reason: "gone", isRetryable: false });
    expect(trouble).toEqual({ ok: false, reason: "unreachable", isRetryable: true });
  });

  test("stops at the size limit, announced or not", async () => {
    const announced = await fetchFrom(
      (_req, res) => res.writeHead(200, { "content-length": "1001" }).write("x"),
      {
        maxBytes: 1_000,
      },
    );
    let sent = 0;
    const endless = await fetchFrom(
      (_req, res) => {
        const pour = () => {
          while (!res.destroyed && res.write(Buffer.alloc(10_000))) sent += 10_000;
          sent += 10_000;
        };
        res.on("drain", pour);
        pour();
      },
      { maxBytes: 1_000 },
    );
    expect(announced).toEqual({ ok: false, reason: "too_large", isRetryable: false });
    expect(endless).toEqual({ ok: false, reason: "too_large", isRetryable: false });
    expect(sent).toBeLessThan(20_000_000);
  });

  test("a slow drip ends by the time limit, a dead port and a cut answer are worth another try", async () => {
    const drip = await fetchFrom(
      (_req, res) => {
        const timer = setInterval(() => res.write("x"), 20);
        res.on("close", () => clearInterval(timer));
      },
      { timeoutMs: 200 },
    );
    const cut = await fetchFrom((req, res) => {
      res.writeHead(200, { "content-length": "100" });
      res.write("x", () => req.socket.destroy());
    });
    const dead = createAttachmentFetcher({ egress: anywhere, hosts: parseAttachmentHosts("127.0.0.1:1") });
    expect(drip).toEqual({ ok: false, reason: "timeout", isRetryable: true });
    expect(cut).toEqual({ ok: false, reason: "unreachable", isRetryable: true });
    expect(await dead.fetchAttachment("http://127.0.0.1:1/a")).toMatchObject({ reason: "unreachable" });
  });
});

test("addresses inside any private, local or special range are not public", () => {
  const refused =
    "0.0.0.0 10.255.0.1 100.127.255.255 127.8.8.8 169.254.0.1 172.31.0.1 192.0.2.1 192.168.1.1 198.19.0.1 224.0.0.1 " +
    "255.255.255.255 :: ::1 ::ffff:8.8.8.8 64:ff9b::8.8.8.8 fe80::1 fc00::1 ff02::1 2001::1 2001:db8::1 2002:a00:1:: x";
  expect(refused.split(" ").filter(isPublicAddress)).toEqual([]);
  const allowed = "8.8.8.8 100.128.0.1 172.32.0.1 157.240.1.1 2a03:2880:f10c::1 2606:4700::1111";
  expect(allowed.split(" ").filter((address) => !isPublicAddress(address))).toEqual([]);
});

test("a host list names domains and loopback ports, nothing else", () => {
  expect(parseAttachmentHosts("FBCDN.net, , localhost:4010,127.0.0.1:99")).toEqual({
    suffixes: ["fbcdn.net"],
    loopbackOrigins: ["http://localhost:4010", "http://127.0.0.1:99"],
  });
  for (const bad of ["10.0.0.1:80", "net", "*.fbcdn.net", "http://fbcdn.net", "fbcdn.net:443"]) {
    expect(() => parseAttachmentHosts(bad)).toThrow(/config\.attachment_hosts/);
  }
});
