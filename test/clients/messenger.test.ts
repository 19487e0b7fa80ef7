import { createHmac } from "node:crypto";
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { hashSentText } from "../../clients/find-sent-message.ts";
import { judgeGraphError } from "../../clients/graph-errors.ts";
import { createMessengerClient } from "../../clients/messenger.ts";
import type { MessagePart, MessengerClient } from "../../domain/ports/messenger-client.ts";
import { startStub } from "./stub-server.ts";
import type { StubAnswer } from "./stub-server.ts";
import { anywhere } from "../support/egress.ts";

const page = { metaPageId: "1040", token: "PAGE-TOKEN" };
const text: MessagePart = { kind: "text", text: "မင်္ဂလာပါ", quickReplies: [] };

let answer: StubAnswer | "drop" | "hang";
let stub: Awaited<ReturnType<typeof startStub>>;
let client: MessengerClient;

beforeEach(async () => {
  answer = { json: { recipient_id: "72", message_id: "m_1" } };
  stub = await startStub(() => answer);
  client = clientOf({ baseUrl: stub.url });
});
afterEach(() => stub.close().catch(() => {}));

function clientOf(settings: { baseUrl: string; timeoutMs?: number }) {
  return createMessengerClient({
    egress: anywhere,
    version: "v26.0",
    appId: "99",
    appSecret: "app-secret",
    ...settings,
  });
}

function send(
  content: MessagePart = text,
  messagingType: "RESPONSE" | "UPDATE" | "HUMAN_AGENT" = "RESPONSE",
) {
  return client.sendPart({ page, psid: "72", content, messagingType, metadata: "out-1" });
}

function bodyOf(index: number): unknown {
  return JSON.parse(stub.seen[index]?.body ?? "");
}

describe("sending a part", () => {
  test("posts text with quick replies and our id, the token in the header only, signed with the proof", async () => {
    const content: MessagePart = {
      kind: "text",
      text: "OK?",
      quickReplies: [{ title: "Yes", payload: "confirm:1" }],
    };
    expect(await send(content)).toEqual({ outcome: "sent", mid: "m_1" });
    const [request] = stub.seen;
    expect(request?.url.pathname).toBe("/v26.0/1040/messages");
    expect(request?.headers.authorization).toBe("Bearer PAGE-TOKEN");
    expect(request?.url.href).not.toContain("PAGE-TOKEN");
    expect(request?.url.searchParams.get("appsecret_proof")).toBe(
      createHmac("sha256", "app-secret").update("PAGE-TOKEN").digest("hex"),
    );
    expect(bodyOf(0)).toEqual({
      recipient: { id: "72" },
      messaging_type: "RESPONSE",
      message: {
        text: "OK?",
        quick_replies: [{ content_type: "text", title: "Yes", payload: "confirm:1" }],
        metadata: "out-1",
      },
    });
  });

  test("names a person's words as such, with the tag", async () => {
    await send(text, "HUMAN_AGENT");
    await send(text, "UPDATE");
    expect(bodyOf(0)).toMatchObject({ messaging_type: "MESSAGE_TAG", tag: "HUMAN_AGENT" });
    expect(bodyOf(1)).toMatchObject({ messaging_type: "UPDATE" });
    expect(bodyOf(1)).not.toHaveProperty("tag");
  });

  test("shows cards without the fields that a card does not have", async () => {
    const full = {
      title: "Dress",
      subtitle: "15,000 MMK",
      imageUrl: "https://x.example/1",
      buttons: [{ title: "Buy", payload: "p" }],
    };
    await send({ kind: "cards", cards: [full, { title: "Bag", subtitle: "", imageUrl: null, buttons: [] }] });
    expect(bodyOf(0)).toMatchObject({
      message: {
        attachment: {
          type: "template",
          payload: {
            template_type: "generic",
            elements: [
              {
                title: "Dress",
                subtitle: "15,000 MMK",
                image_url: "https://x.example/1",
                buttons: [{ type: "postback", title: "Buy", payload: "p" }],
              },
              { title: "Bag" },
            ],
          },
        },
      },
    });
    expect(JSON.stringify(bodyOf(0))).not.toContain("null");
  });

  test("sends a picture by its address, or its bytes in a form", async () => {
    await send({ kind: "image", image: { url: "https://x.example/1.jpg" } });
    await send({ kind: "image", image: { bytes: Buffer.from("JPEG-BYTES") } });
    expect(bodyOf(0)).toMatchObject({
      message: {
        attachment: { type: "image", payload: { url: "https://x.example/1.jpg" } },
        metadata: "out-1",
      },
    });
    expect(stub.seen[1]?.headers["content-type"]).toMatch(/^multipart\/form-data/);
    for (const part of ["JPEG-BYTES", 'name="recipient"\r\n\r\n{"id":"72"}', '"metadata":"out-1"']) {
      expect(stub.seen[1]?.body).toContain(part);
    }
  });
});

describe("what became of it", () => {
  test.each<[string, StubAnswer | "drop" | "hang"]>([
    ["the answer is lost", "drop"],
    ["no answer comes in time", "hang"],
    ["the server fails", { status: 500, text: "oops" }],
    ["a transient error comes with a 5xx", { status: 503, json: { error: { code: 2, is_transient: true } } }],
    ["the answer has no message id", { json: { recipient_id: "72" } }],
    ["the answer is no JSON", { text: "<html>" }],
    ["Meta calls it invalid JSON", { status: 400, json: { error: { code: 1, error_subcode: 1_357_046 } } }],
  ])("is unknown when %s", async (_name, given) => {
    answer = given;
    client = clientOf({ baseUrl: stub.url, timeoutMs: 300 });
    expect(await send()).toEqual({ outcome: "unknown" });
    expect(stub.seen).toHaveLength(1);
  });

  test("is unknown when the answer points elsewhere, and nobody goes there", async () => {
    const elsewhere = await startStub(() => ({ json: { message_id: "m_elsewhere" } }));
    answer = { status: 307, headers: { location: elsewhere.url } };
    expect(await send()).toEqual({ outcome: "unknown" });
    expect(elsewhere.seen).toEqual([]);
    await elsewhere.close();
  });

  test("is certainly nothing when no connection stood", async () => {
    await stub.close();
    expect(await send()).toMatchObject({ outcome: "retry", isPageWide: false });
  });

  test.each(["EMFILE", "ENFILE"])("is certainly nothing when there was no file handle: %s", async (code) => {
    const cause = Object.assign(new Error(`connect ${code}`), { code });
    const fetching = vi.spyOn(globalThis, "fetch");
    onTestFinished(() => fetching.mockRestore());
    fetching.mockRejectedValueOnce(new TypeError("fetch failed", { cause }));
    expect(await send()).toMatchObject({ outcome: "retry", isPageWide: false });
  });

  test("waits as long as the usage headers say, never longer than four hours", async () => {
    const limited = { status: 400, json: { error: { code: 613 } } };
    answer = limited;
    expect(await send()).toMatchObject({ outcome: "retry", afterMs: 30_000, isPageWide: true, code: 613 });
    const usage = (minutes: number) =>
      JSON.stringify({ "1040": [{ type: "messenger", estimated_time_to_regain_access: minutes }] });
    answer = { ...limited, headers: { "x-business-use-case-usage": usage(7) } };
    expect(await send()).toMatchObject({ afterMs: 420_000 });
    answer = { ...limited, headers: { "x-business-use-case-usage": usage(10_000), "retry-after": "soon" } };
    expect(await send()).toMatchObject({ afterMs: 14_400_000 });
    answer = { status: 429, text: "", headers: { "retry-after": "90" } };
    expect(await send()).toMatchObject({ outcome: "retry", afterMs: 90_000, isPageWide: true });
  });

  test("is refused with the code that says why", async () => {
    answer = { status: 400, json: { error: { message: "words", code: 10, error_subcode: 2_018_278 } } };
    expect(await send()).toEqual({ outcome: "refused", action: "window", code: 10, subcode: 2_018_278 });
    answer = { status: 401, json: { error: { code: 190 } } };
    expect(await send()).toEqual({ outcome: "refused", action: "page_broken", code: 190 });
  });
});

test.each<[number, number | undefined, string]>([
  [1, undefined, "retry"],
  [2, undefined, "retry"],
  [1200, undefined, "retry"],
  [1, 99, "retry"],
  [1, 1_357_046, "unknown"],
  [2, 2_018_344, "permanent"],
  [4, undefined, "retry"],
  [4, 2_018_022, "retry"],
  [4, 2_018_354, "retry"],
  [17, undefined, "retry"],
  [32, undefined, "retry"],
  [613, 1, "retry"],
  [80_006, undefined, "retry"],
  [10, 2_018_278, "window"],
  [10, 2_018_065, "window"],
  [100, 2_534_022, "window"],
  [10, 2_018_108, "person"],
  [10, 1_893_063, "page_restricted"],
  [10, undefined, "page_broken"],
  [200, undefined, "page_broken"],
  [230, undefined, "page_broken"],
  [200, 2_018_028, "permanent"],
  [200, 2_018_021, "permanent"],
  [200, 1_545_041, "permanent"],
  [10, 1_545_041, "permanent"],
  [551, undefined, "person"],
  [551, 1_545_041, "permanent"],
  [100, undefined, "permanent"],
  [100, 2_018_001, "permanent"],
  [100, 2_018_109, "attachment"],
  [36_000, undefined, "attachment"],
  [100, 36_000, "attachment"],
  [100, 2_018_008, "attachment"],
  [100, 2_018_047, "attachment"],
  [100, 2_018_294, "attachment"],
  [100, 2_018_074, "attachment"],
  [100, 33, "permanent"],
  [100, 2_018_218, "permanent"],
  [10, 2_018_300, "thread_taken"],
  [100, 2_018_321, "thread_taken"],
  [100, 2_534_037, "thread_taken"],
  [190, undefined, "page_broken"],
  [190, 463, "page_broken"],
  [190, 460, "page_broken"],
  [368, undefined, "page_restricted"],
  [10_303, undefined, "permanent"],
  [77_777, undefined, "permanent"],
])("Graph error %i/%s means %s", (code, subcode, action) => {
  const error = { status: 400, code, isTransient: false, ...(subcode === undefined ? {} : { subcode }) };
  expect(judgeGraphError(error).action).toBe(action);
});

test("an error that Meta calls transient is tried again though nobody knows it", () => {
  const verdict = judgeGraphError({ status: 400, code: 77_777, isTransient: true });
  expect(verdict).toMatchObject({ action: "retry", isPageWide: false });
});

describe("the Page", () => {
  test("subscribes, and reads back what our app has subscribed", async () => {
    answer = { json: { success: true } };
    expect(await client.subscribe(page, ["messages", "message_echoes"])).toEqual({ ok: true, value: true });
    expect(stub.seen[0]?.url.searchParams.get("subscribed_fields")).toBe("messages,message_echoes");
    answer = {
      json: {
        data: [
          { id: "other", subscribed_fields: ["feed"] },
          { id: 99, subscribed_fields: ["messages"] },
        ],
      },
    };
    expect(await client.listSubscribedFields(page)).toEqual({ ok: true, value: ["messages"] });
    answer = { json: { data: [] } };
    expect(await client.listSubscribedFields(page)).toEqual({ ok: true, value: [] });
  });

  test("says of what Meta limits for how long, and of what fails otherwise nothing", async () => {
    answer = { status: 400, json: { error: { code: 80_006 } }, headers: { "retry-after": "90" } };
    expect(await client.listConversations(page, null)).toMatchObject({ action: "retry", afterMs: 90_000 });
    answer = { status: 500, text: "" };
    expect(await client.listConversations(page, null)).toEqual({ ok: false, action: "retry" });
  });

  test("is told apart: known, broken, unreachable", async () => {
    answer = { json: { id: "1040", name: "Shop" } };
    expect(await client.getPage(page)).toEqual({ ok: true, value: { metaPageId: "1040", name: "Shop" } });
    answer = { status: 401, json: { error: { code: 190, error_subcode: 460 } } };
    expect(await client.getPage(page)).toEqual({ ok: false, action: "page_broken", code: 190, subcode: 460 });
    answer = "drop";
    expect(await client.getPage(page)).toEqual({ ok: false, action: "retry" });
  });

  test("has its token probed as the app", async () => {
    answer = { json: { data: { is_valid: true, app_id: "99", scopes: ["pages_messaging"], expires_at: 0 } } };
    expect(await client.probeToken(page)).toEqual({
      ok: true,
      value: { isValid: true, appId: "99", scopes: ["pages_messaging"], expiresAt: null },
    });
    expect(stub.seen[0]?.headers.authorization).toBe("Bearer 99|app-secret");
  });

  test.each([
    ["ours", [{ thread_owner: { app_id: 99 } }]],
    ["theirs", [{ thread_owner: { app_id: "880000000000001" } }]],
    ["unknown", [{ thread_owner: { app_id: "263902037430900" } }]],
    ["unknown", [{}]],
  ])("has its threads %s, a person's and nobody's being unknown", async (routing, data) => {
    answer = { json: { data } };
    expect(await client.findThreadOwner(page, "7200000000000001")).toEqual({ ok: true, value: routing });
  });

  test("cannot be left by a crooked page id", async () => {
    await client.getPage({ metaPageId: "../me?x=", token: "t" });
    expect(stub.seen[0]?.url.pathname).toBe("/v26.0/..%2Fme%3Fx%3D");
  });
});

describe("looking for a message whose answer was lost", () => {
  const search = {
    page,
    psid: "72",
    textHash: hashSentText("Your order  is placed"),
    notBefore: new Date("2026-11-25T10:00:00.900Z"),
    isKnown: (_mid: string) => false,
  };
  const ours = (id: string, at: string, words: string) => ({
    id,
    created_time: at,
    from: { id: "1040" },
    message: words,
  });
  const found = (messages: unknown[]) => ({ json: { data: [{ messages: { data: messages } }] } });

  test("finds ours by its words, however the spaces came out, from that second on", async () => {
    answer = found([ours("m_9", "2026-11-25T10:00:00+0000", "Your order is\nplaced ")]);
    expect(await client.findSentMessage(search)).toEqual({ outcome: "found", mid: "m_9" });
    expect(stub.seen[0]?.url.searchParams.get("user_id")).toBe("72");
  });

  test("takes neither the customer's words, nor older ones, nor settled ones", async () => {
    answer = found([
      { ...ours("m_1", "2026-11-25T10:00:05+0000", "Your order is placed"), from: { id: "72" } },
      ours("m_2", "2026-11-25T10:00:04+0000", "Your order is placed"),
      ours("m_3", "2026-11-25T09:59:59+0000", "Your order is placed"),
    ]);
    expect(await client.findSentMessage({ ...search, isKnown: (mid: string) => mid === "m_2" })).toEqual({
      outcome: "absent",
    });
  });

  test("does not call it absent when it could not look, or not far enough back", async () => {
    answer = "drop";
    expect(await client.findSentMessage(search)).toEqual({ outcome: "unknown" });
    answer = found(
      Array.from({ length: 20 }, (_, index) => ours(`m_${index}`, "2026-11-25T10:30:00+0000", "Hi")),
    );
    expect(await client.findSentMessage(search)).toEqual({ outcome: "out_of_sight" });
    answer = { json: { data: [] } };
    expect(await client.findSentMessage(search)).toEqual({ outcome: "absent" });
  });
});
