import { generateKeyPairSync } from "node:crypto";
import { verify } from "hono/jwt";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createPushClient } from "../../clients/push.ts";
import type { PushClient } from "../../domain/ports/push-client.ts";
import { startStub } from "./stub-server.ts";
import type { StubAnswer } from "./stub-server.ts";
import { anywhere } from "../support/egress.ts";

const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();

let answer: StubAnswer | "drop" | ((token: string) => StubAnswer);
let tokenAnswer: StubAnswer | "drop" | undefined;
let now: Date;
let stub: Awaited<ReturnType<typeof startStub>>;
let client: PushClient;

beforeEach(async () => {
  now = new Date();
  answer = { json: { name: "projects/p1/messages/1" } };
  tokenAnswer = undefined;
  let issued = 0;
  stub = await startStub(({ url, headers }) => {
    if (url.pathname === "/token") {
      issued += 1;
      return tokenAnswer ?? { json: { access_token: `token-${issued}`, expires_in: 3600 } };
    }
    return typeof answer === "function" ? answer(headers.authorization ?? "") : answer;
  });
  client = createPushClient({
    egress: anywhere,
    baseUrl: stub.url,
    tokenUrl: `${stub.url}/token`,
    projectId: "p1",
    clientEmail: "push@p1.example",
    privateKey: pem,
    clock: { now: () => now },
  });
});
afterEach(() => stub.close());

const push = () =>
  client.sendPush({
    deviceToken: "device-1",
    noticeId: "ntc_1",
    title: "Order 7",
    body: "15,000 MMK",
    path: "/orders/7",
  });
const paths = () => stub.seen.map(({ url }) => url.pathname);

describe("push", () => {
  test("goes to the device with its notice as tag, so that a repetition replaces it", async () => {
    expect(await push()).toEqual({ outcome: "sent" });
    expect(paths()).toEqual(["/token", "/v1/projects/p1/messages:send"]);
    expect(stub.seen[1]?.headers.authorization).toBe("Bearer token-1");
    expect(JSON.parse(stub.seen[1]?.body ?? "")).toMatchObject({
      message: {
        token: "device-1",
        notification: { title: "Order 7", body: "15,000 MMK" },
        data: { noticeId: "ntc_1", path: "/orders/7" },
        android: { notification: { tag: "ntc_1" } },
      },
    });
  });

  test("signs in as the service account", async () => {
    await push();
    const form = new URLSearchParams(stub.seen[0]?.body);
    expect(form.get("grant_type")).toBe("urn:ietf:params:oauth:grant-type:jwt-bearer");
    const key = publicKey.export({ type: "spki", format: "pem" }).toString();
    const claims = await verify(form.get("assertion") ?? "", key, { alg: "RS256" });
    expect(claims).toMatchObject({ iss: "push@p1.example", aud: `${stub.url}/token` });
    expect(Number(claims.exp) - Number(claims.iat)).toBe(3_600);
  });

  test("fetches one token for many pushes, and a new one a minute before it ends", async () => {
    await Promise.all([push(), push(), push()]);
    now = new Date(now.getTime() + 3_539_000);
    await push();
    expect(paths().filter((path) => path === "/token")).toHaveLength(1);
    now = new Date(now.getTime() + 1_000);
    await push();
    expect(paths().filter((path) => path === "/token")).toHaveLength(2);
  });

  test("signs in once more when its token is refused, and only once", async () => {
    answer = (token) => (token === "Bearer token-1" ? { status: 401 } : { json: {} });
    expect(await push()).toEqual({ outcome: "sent" });
    answer = { status: 401, json: { error: { status: "UNAUTHENTICATED" } } };
    expect(await push()).toEqual({ outcome: "refused", code: "UNAUTHENTICATED" });
    expect(paths().filter((path) => path === "/token")).toHaveLength(3);
  });

  test.each<[number, string, string | undefined, object]>([
    [404, "NOT_FOUND", "UNREGISTERED", { outcome: "gone" }],
    [403, "PERMISSION_DENIED", "SENDER_ID_MISMATCH", { outcome: "gone" }],
    [400, "INVALID_ARGUMENT", "INVALID_ARGUMENT", { outcome: "refused", code: "INVALID_ARGUMENT" }],
    [404, "NOT_FOUND", undefined, { outcome: "refused", code: "NOT_FOUND" }],
    [400, "words of somebody", undefined, { outcome: "refused", code: "HTTP_400" }],
    [429, "RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED", { outcome: "retry", afterMs: 12_000 }],
    [503, "UNAVAILABLE", "UNAVAILABLE", { outcome: "retry", afterMs: 12_000 }],
  ])("answered %i %s %s has a clear outcome", async (status, name, errorCode, expected) => {
    const details = errorCode === undefined ? [] : [{ "@type": "FcmError", errorCode }];
    answer = { status, headers: { "retry-after": "12" }, json: { error: { status: name, details } } };
    expect(await push()).toEqual(expected);
  });

  test("is tried again later when nobody answers or the sign-in fails", async () => {
    answer = "drop";
    expect(await push()).toEqual({ outcome: "retry", afterMs: 30_000 });
    now = new Date(now.getTime() + 7_200_000);
    tokenAnswer = { status: 400, json: { error: "invalid_grant" } };
    expect(await push()).toEqual({ outcome: "retry", afterMs: 30_000 });
    tokenAnswer = "drop";
    expect(await push()).toEqual({ outcome: "retry", afterMs: 30_000 });
  });
});
