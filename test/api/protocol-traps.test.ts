import { request } from "node:http";
import type { IncomingHttpHeaders } from "node:http";
import { connect } from "node:net";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { serve } from "@hono/node-server";
import type { ServerType } from "@hono/node-server";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { fillTenant } from "./every-operation.ts";
import type { Ids } from "./every-operation.ts";
import { createOwnerWorld } from "./owner-world.ts";
import type { OwnerWorld, Tenant } from "./owner-world.ts";

let world: OwnerWorld;
let server: ServerType;
let port: number;
let tenant: Tenant;
let ids: Ids;
beforeAll(async () => {
  world = await createOwnerWorld();
  server = serve({ fetch: world.api.app.fetch, port: 0, hostname: "127.0.0.1" });
  await new Promise((resolve) => server.once("listening", resolve));
  ({ port } = server.address() as AddressInfo);
  tenant = await world.addTenant();
  ids = await fillTenant(world, tenant);
});
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  await world.close();
});

type Sent = { method: string; path: string; headers?: Record<string, string>; body?: string | Buffer };
type Got = { status: number; headers: IncomingHttpHeaders; text: string };

/** As the owner, over the wire; `fetch` would forbid or repair much of what is sent here. */
function send({ method, path, headers = {}, body = "" }: Sent): Promise<Got> {
  return new Promise((resolve, reject) => {
    const sending = request({
      port,
      host: "127.0.0.1",
      method,
      path,
      headers: {
        authorization: `Bearer ${tenant.owner}`,
        "content-length": String(Buffer.byteLength(body)),
        ...headers,
      },
    });
    sending.on("error", reject).on("response", (response) => {
      const chunks: Buffer[] = [];
      response.on("error", reject).on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString("utf8");
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
      });
    });
    sending.end(body);
  });
}

/** What the server answers to these very bytes. */
function sendBytes(bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(bytes));
    let answer = "";
    socket.setTimeout(5_000, () => socket.destroy());
    socket.on("data", (chunk) => (answer += String(chunk)));
    // A server that has answered may reset what is still being written.
    socket
      .on("error", () => undefined)
      .on("close", () => (answer ? resolve(answer) : reject(new Error("no answer"))));
  });
}

const json = { "content-type": "application/json" };
const patchShop = (body: string | Buffer, headers: Record<string, string> = json) =>
  send({ method: "PATCH", path: "/v1/shop", headers, body });

async function agentName(): Promise<string> {
  return (await world.ask("GET", "/v1/shop", { token: tenant.owner })).body.agentName;
}

describe("methods", () => {
  test.each([
    ["TRACE", "/v1/shop", "GET, HEAD, PATCH"],
    ["PROPFIND", "/v1/shop", "GET, HEAD, PATCH"],
    ["OPTIONS", "/v1/orders", "GET, HEAD"],
    ["DELETE", "/v1/orders", "GET, HEAD"],
    ["PUT", "/webhooks/messenger", "GET, HEAD, POST"],
    ["POST", "/openapi.json", "GET, HEAD"],
  ])("%s %s is answered with the methods that there are", async (method, path, allow) => {
    const { status, headers, text } = await send({ method, path });
    expect([status, headers.allow, headers["content-type"]]).toEqual([
      405,
      allow,
      "application/problem+json",
    ]);
    expect(JSON.parse(text)).toMatchObject({
      code: "route.method_not_allowed",
      instance: headers["x-request-id"],
    });
  });

  test("HEAD answers like GET, without the body", async () => {
    const { status, text } = await send({ method: "HEAD", path: "/v1/shop" });
    expect([status, text]).toEqual([200, ""]);
  });

  test("no header and no parameter makes another method of one", async () => {
    const overrides = {
      "x-http-method-override": "DELETE",
      "x-http-method": "DELETE",
      "x-method-override": "DELETE",
    };
    const path = `/v1/devices/${ids["deviceId"]}`;
    const answer = await send({ method: "POST", path, headers: overrides });
    expect([answer.status, answer.headers.allow]).toEqual([405, "DELETE"]);
    expect((await send({ method: "GET", path: "/v1/shop?_method=DELETE", headers: overrides })).status).toBe(
      200,
    );
    const { rows } = await world.owner.query("select from devices where shop_id = $1", [tenant.shopId]);
    expect(rows.length).toBe(1);
  });
});

describe("bodies", () => {
  test.each([
    ["text/plain"],
    ["application/x-www-form-urlencoded"],
    ["multipart/form-data; boundary=x"],
    ["application/xml"],
    ["application/json, text/plain"],
    ["application/jsonx"],
    [""],
  ])("JSON under the name %j is refused, and nothing done", async (contentType) => {
    world.asked.length = 0;
    const headers: Record<string, string> = contentType === "" ? {} : { "content-type": contentType };
    const body = JSON.stringify({ agentName: "Confused" });
    const cancel = { "idempotency-key": `type-${contentType.replaceAll(" ", "")}`, ...headers };
    const answers = [
      await patchShop(body, headers),
      await send({
        method: "POST",
        path: `/v1/orders/${ids["orderId"]}/cancel`,
        headers: cancel,
        body: '{"reason":"x"}',
      }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([415, 415]);
    expect([await agentName(), world.asked]).toEqual(["Aye", []]);
  });

  const utf16 = Buffer.from('\ufeff{"agentName":"Wide"}', "utf16le");
  test.each<[string, string | Buffer, number, Record<string, string>]>([
    ["a truncated body", '{"agentName":"Half', 400, {}],
    ["UTF-16", utf16, 400, {}],
    ["bytes that are not UTF-8", Buffer.from([0x22, 0xff, 0xfe, 0x22]), 422, {}],
    ["NUL", "\0", 400, {}],
    ["gzip that is named", gzipSync('{"agentName":"Small"}'), 400, { "content-encoding": "gzip" }],
    ["10,000 levels", `${"[".repeat(10_000)}${"]".repeat(10_000)}`, 422, {}],
    [
      "a key that is 10,000 levels deep",
      `{"policies":${'{"a":'.repeat(10_000)}1${"}".repeat(10_000)}}`,
      422,
      {},
    ],
    ["no number", '{"agentName":NaN}', 400, {}],
    [
      "infinity",
      '{"policies":{"zones":[{"name":"z","townships":["t"],"fee":{"amountMinor":1e400,"currency":"MMK"},"acceptsCashOnDelivery":true}]}}',
      422,
      {},
    ],
    ["__proto__", '{"__proto__":{"agentName":"Inherited"}}', 422, {}],
    ["__proto__ beside a change", '{"agentName":"Ok","__proto__":{"isAgentEnabled":false}}', 422, {}],
    ["constructor", '{"constructor":{"prototype":{"isAdmin":true}}}', 422, {}],
  ])("%s is refused, and nothing changed", async (_, body, status, headers) => {
    const answer = await patchShop(body, { ...json, ...headers });
    expect(answer.status).toBe(status);
    expect(answer.headers["content-type"]).toBe("application/problem+json");
    expect([await agentName(), "isAdmin" in {}]).toEqual(["Aye", false]);
  });

  test("of a key that comes twice the last one counts, for the schema as for the change", async () => {
    const refused = await patchShop('{"agentName":"First","agentName":7}');
    expect([refused.status, await agentName()]).toEqual([422, "Aye"]);
    const changed = await patchShop('{"agentName":7,"agentName":"Aye"}');
    expect([changed.status, await agentName()]).toEqual([200, "Aye"]);
  });
});

describe("addresses", () => {
  test.each([
    "/v1/orders?limit=1&limit=2",
    "/v1/orders?cursor=a&cursor=b",
    "/v1/orders?orderState=draft&orderState=placed",
    "/v1/orders?limit[]=1",
    "/v1/orders?sort=total_minor",
    "/v1/orders?shopId=shop_01jdqkrpsef90srf9f3r5rmz3d",
    "/v1/orders?__proto__[limit]=1",
  ])("%s is refused: one of each parameter, and known ones", async (path) => {
    const { status, text } = await send({ method: "GET", path });
    expect([status, JSON.parse(text).code]).toEqual([422, "request.invalid"]);
  });

  test.each([
    "/v1/orders/%E0%A4%A",
    "/v1/orders/%00",
    "/v1/orders/%2e%2e%2f%2e%2e%2fshop",
    "/v1/orders/..%2f..%2fopenapi.json",
    `/v1/orders/${"a".repeat(200)}`,
    "/v1/orders/%F0%9F%99%8F",
    "/v1/orders/ord_01jdqkrpsef90srf9f3r5rmz3d%0d%0aset-cookie:%20a=b",
    "/v1/pictures/..%2f..%2fkeyring?expires=1&signature=x",
  ])("%s is nothing", async (path) => {
    const { status, headers } = await send({ method: "GET", path });
    expect([status, headers["content-type"], headers["set-cookie"]]).toEqual([
      404,
      "application/problem+json",
      undefined,
    ]);
  });
});

describe("headers", () => {
  test.each(["/v1/orders", "/v1/sessions", "/webhooks/messenger", "/openapi.json"])(
    "a foreign origin is allowed nothing at %s",
    async (path) => {
      const foreign = { origin: "https://evil.example", "access-control-request-method": "POST" };
      for (const method of ["OPTIONS", "GET"]) {
        const { headers } = await send({ method, path, headers: foreign });
        expect(Object.keys(headers).filter((name) => name.startsWith("access-control-"))).toEqual([]);
      }
    },
  );

  test("an origin from elsewhere changes nothing with the cookie of a session", async () => {
    const cookie = `session=${tenant.owner}`;
    for (const origin of [
      "https://evil.example",
      "null",
      "http://shop.test.evil.example",
      "http://shop.test:81",
    ]) {
      const headers = { ...json, authorization: "", cookie, origin };
      const answer = await patchShop('{"agentName":"Forged"}', headers);
      expect([answer.status, JSON.parse(answer.text).code]).toEqual([403, "request.foreign_origin"]);
    }
    expect(await agentName()).toBe("Aye");
  });

  test("more headers than fit are cut off, and the next request is served", async () => {
    const { status } = await send({
      method: "GET",
      path: "/v1/shop",
      headers: { "x-large": "a".repeat(20_000) },
    });
    expect(status).toBe(431);
    expect((await send({ method: "GET", path: "/v1/shop" })).status).toBe(200);
  });

  test.each([
    [
      "a length and chunks",
      "POST /v1/sessions HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ],
    [
      "two lengths",
      "POST /v1/sessions HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\n{}{}",
    ],
    ["a method that does not exist", "STEAL /v1/shop HTTP/1.1\r\nHost: a\r\n\r\n"],
    ["a header with a bare line feed", "GET /v1/shop HTTP/1.1\r\nHost: a\r\nX: a\nY: b\r\nZ\r\n\r\n"],
    ["no host", "GET /v1/shop HTTP/1.1\r\n\r\n"],
  ])("%s is refused before it is a request", async (_, bytes) => {
    expect(await sendBytes(bytes)).toMatch(/^HTTP\/1\.1 400 /);
  });
});
