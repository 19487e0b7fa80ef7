import { describe, expect, test } from "vitest";
import { at, customer, envelope, item, keyOf, onlyEvent, onlyPage, page } from "./webhook-fixtures.ts";

describe("each kind", () => {
  test("text message", () => {
    expect(onlyEvent({ message: { mid: "m_A1", text: "hello", reply_to: { mid: "m_A0" } } })).toEqual({
      kind: "message",
      eventKey: expect.any(Buffer),
      occurredAt: new Date(at),
      senderId: customer,
      mid: "m_A1",
      text: "hello",
      replyToMid: "m_A0",
      attachments: [],
      isUnsupported: false,
    });
  });

  test("quick reply is a message with its payload", () => {
    const event = onlyEvent({ message: { mid: "m_A1", text: "M", quick_reply: { payload: "SIZE_M" } } });
    expect(event).toMatchObject({ kind: "message", quickReplyPayload: "SIZE_M", text: "M" });
  });

  test("attachments of every type, unknown ones as other", () => {
    const attachments = [
      { type: "image", payload: { url: "https://scontent.example/1" } },
      { type: "video", payload: { url: "https://scontent.example/2" } },
      { type: "sticker", payload: { url: "https://scontent.example/3", sticker_id: 369239263222822 } },
      { type: "fallback", title: "Shared link", url: "https://shop.example", payload: null },
      { type: "fallback", payload: "https://other.example" },
      { type: "location", payload: { coordinates: { lat: 16.8, long: 96.15 } } },
      { type: "template", payload: { product: { elements: [{ id: "88", title: "Dress" }] } } },
      { type: "ig_reel", payload: { url: "https://scontent.example/4" } },
      { type: "ig_post", payload: {} },
      { type: "appointment_booking", payload: { status: "x" } },
      { type: "constructor" },
      {},
      null,
    ];
    expect(onlyEvent({ message: { mid: "m_A2", attachments } })).toMatchObject({
      attachments: [
        { type: "image", url: "https://scontent.example/1" },
        { type: "video", url: "https://scontent.example/2" },
        { type: "sticker", url: "https://scontent.example/3", stickerId: "369239263222822" },
        { type: "fallback", title: "Shared link", url: "https://shop.example" },
        { type: "fallback", url: "https://other.example" },
        { type: "location" },
        { type: "template", title: "Dress" },
        { type: "reel", url: "https://scontent.example/4" },
        { type: "post" },
        { type: "other" },
        { type: "other" },
        { type: "other" },
      ],
      isUnsupported: false,
    });
  });

  test.each([
    [
      "payload.sticker_id",
      { attachments: [{ type: "image", payload: { url: "u", sticker_id: 369239343222814 } }] },
    ],
    [
      "message.sticker_id",
      { sticker_id: 369239343222814, attachments: [{ type: "image", payload: { url: "u" } }] },
    ],
    [
      "both elements of the summer of 2026",
      {
        attachments: [
          { type: "image", payload: { url: "u" } },
          { type: "sticker", payload: { url: "u" } },
        ],
      },
    ],
    ["no id at all", { attachments: [{ type: "sticker", payload: { url: "u" } }] }],
  ])("a sticker is never an image: %s", (_form, message) => {
    const event = onlyEvent({ message: { mid: "m_A3", ...message } });
    if (event.kind !== "message") throw new Error(event.kind);
    expect(event.attachments.map(({ type }) => type)).not.toContain("image");
  });

  test("a message without anything known is unsupported", () => {
    expect(onlyEvent({ message: { mid: "m_A4", commands: [{ name: "track" }] } })).toMatchObject({
      isUnsupported: true,
    });
    expect(onlyEvent({ message: { mid: "m_A5", is_unsupported: true } })).toMatchObject({
      isUnsupported: true,
    });
  });

  test("a message opened from a product names the product", () => {
    const message = { mid: "m_A6", text: "this?", referral: { product: { id: "8800000000001" } } };
    expect(onlyEvent({ message })).toMatchObject({ referral: { productId: "8800000000001" } });
  });

  test("an echo belongs to the customer who received it", () => {
    const echo = {
      sender: { id: page },
      recipient: { id: customer },
      message: { is_echo: true, app_id: 990000000000001, metadata: "out_1", mid: "m_B1", text: "hi" },
    };
    expect(onlyEvent(echo)).toMatchObject({
      kind: "echo",
      senderId: customer,
      appId: "990000000000001",
      metadata: "out_1",
      mid: "m_B1",
      text: "hi",
    });
  });

  test("a message sent by the Page is an echo even when it is not marked", () => {
    const message = { mid: "m_B2", text: "from the inbox" };
    expect(onlyEvent({ sender: { id: page }, recipient: { id: customer }, message })).toMatchObject({
      kind: "echo",
      senderId: customer,
    });
  });

  test("postback, with and without mid", () => {
    const postback = {
      title: "Order now",
      payload: "ORDER:1",
      referral: { ref: "live", source: "SHORTLINK" },
    };
    expect(onlyEvent({ postback: { mid: "m_A5", ...postback } })).toMatchObject({
      kind: "postback",
      mid: "m_A5",
      payload: "ORDER:1",
      title: "Order now",
      referral: { ref: "live", source: "SHORTLINK" },
    });
    expect(onlyEvent({ postback })).not.toHaveProperty("mid");
  });

  test("delivery and read", () => {
    expect(onlyEvent({ delivery: { mids: ["m_B1", 7, null], watermark: at } })).toMatchObject({
      kind: "delivery",
      mids: ["m_B1", "7"],
      watermark: new Date(at),
    });
    expect(onlyEvent({ read: { watermark: at } })).toMatchObject({ kind: "read", watermark: new Date(at) });
  });

  test("reaction, and its removal without a name", () => {
    const reaction = { mid: "m_B1", action: "react", reaction: "love", emoji: "\u2764" };
    expect(onlyEvent({ reaction })).toMatchObject({
      kind: "reaction",
      mid: "m_B1",
      action: "react",
      emoji: "❤",
    });
    expect(onlyEvent({ reaction: { mid: "m_B1" } })).toMatchObject({ action: "unreact" });
  });

  test("the Page's own reactions and edits give nothing", () => {
    const fromPage = { sender: { id: page }, recipient: { id: customer } };
    const parsed = onlyPage(
      envelope(
        item({ ...fromPage, reaction: { mid: "m_1", action: "react" } }),
        item({ ...fromPage, message_edit: { mid: "m_1", text: "new" } }),
      ),
    );
    expect(parsed).toMatchObject({ events: [], rejects: [] });
  });

  test("edit, with its count as a number or as a text", () => {
    for (const num_edit of [2, "2"]) {
      const message_edit = { mid: "m_A1", text: "2 pieces, not 3", num_edit };
      expect(onlyEvent({ message_edit })).toMatchObject({
        kind: "edit",
        text: "2 pieces, not 3",
        editCount: 2,
      });
    }
  });

  test("deletion in both forms", () => {
    expect(onlyEvent({ message: { mid: "m_A1", is_deleted: true } })).toMatchObject({
      kind: "deleted",
      mid: "m_A1",
    });
    const { events } = onlyPage(envelope(item({ delete: { mids: ["m_1", "m_2"] } })));
    expect(events).toMatchObject([
      { kind: "deleted", mid: "m_1" },
      { kind: "deleted", mid: "m_2" },
    ]);
  });

  test("referral, opt-in, hand-over and account linking", () => {
    const referral = {
      ref: "ad-1",
      source: "ADS",
      type: "OPEN_THREAD",
      ads_context_data: { product_id: "9" },
    };
    expect(onlyEvent({ referral })).toMatchObject({
      kind: "referral",
      ref: "ad-1",
      source: "ADS",
      productId: "9",
    });
    expect(onlyEvent({ optin: { type: "notification_messages" } })).toMatchObject({
      type: "notification_messages",
    });
    expect(
      onlyEvent({ pass_thread_control: { previous_owner_app_id: null, new_owner_app_id: "990" } }),
    ).toMatchObject({ kind: "handover", action: "pass", newOwnerAppId: "990" });
    expect(onlyEvent({ take_thread_control: {} })).toMatchObject({ action: "take" });
    expect(onlyEvent({ request_thread_control: { requested_owner_app_id: 991 } })).toMatchObject({
      action: "request",
      newOwnerAppId: "991",
    });
    expect(onlyEvent({ account_linking: { status: "linked" } })).toMatchObject({ status: "linked" });
  });

  test("standby items are marked", () => {
    const entry = [{ id: page, time: at, standby: [item({ message: { mid: "m_1", text: "hi" } })] }];
    expect(onlyPage({ object: "page", entry }).events).toMatchObject([{ kind: "message", standby: true }]);
    expect(onlyEvent({ message: { mid: "m_1", text: "hi" } })).not.toHaveProperty("standby");
  });

  test("what concerns the Page needs no customer", () => {
    const recipient = { recipient: { id: page }, timestamp: 0 };
    const { pageEvents, events, rejects } = onlyPage(
      envelope(
        { ...recipient, app_roles: { "990": ["primary_receiver"] } },
        { ...recipient, policy_enforcement: { action: "block", reason: "spam" } },
        { ...recipient, "policy-enforcement": { action: "unblock" } },
      ),
    );
    expect({ events, rejects }).toEqual({ events: [], rejects: [] });
    expect(pageEvents).toMatchObject([
      { kind: "app_roles", detail: { appIds: "990" } },
      { kind: "policy_enforcement", detail: { action: "block", reason: "spam" } },
      { kind: "policy_enforcement", detail: { action: "unblock", reason: "" } },
    ]);
  });

  test("a comment keeps ids and no words, and the Page's own comment gives nothing", () => {
    const comment = (from: string) => ({
      field: "feed",
      value: {
        item: "comment",
        verb: "add",
        comment_id: "1_2_3",
        post_id: "1_2",
        from: { id: from, name: "Ma Hla" },
        created_time: 1_790_000_000,
        message: "price?",
      },
    });
    const entry = [
      { id: page, time: at, changes: [comment("7300"), comment(page), { field: "ratings", value: {} }] },
    ];
    const { pageEvents } = onlyPage({ object: "page", entry });
    expect(pageEvents).toMatchObject([
      { kind: "comment", detail: { commentId: "1_2_3", postId: "1_2", verb: "add" } },
      { kind: "other", detail: { field: "ratings" } },
    ]);
    expect(JSON.stringify(pageEvents)).not.toMatch(/Ma Hla|price/);
  });
});

describe("event keys", () => {
  const message = { mid: "m_A1", text: "hello" };

  test("are equal for a repeated event, whatever else changed in the body", () => {
    const again = { message: { ...message, nlp: {} }, timestamp: "1790000000" };
    expect(keyOf({ message })).toBe(keyOf(again));
    expect(Buffer.from(keyOf({ message }), "hex")).toHaveLength(32);
  });

  test("differ by Page, mid, deletion and edit count", () => {
    const otherPage = { object: "page", entry: [{ id: "111", time: at, messaging: [item({ message })] }] };
    const keys = [
      keyOf({ message }),
      keyOf({ message: { ...message, mid: "m_A2" } }),
      keyOf({ message: { ...message, is_deleted: true } }),
      keyOf({ message_edit: { mid: "m_A1", text: "x", num_edit: 1 } }),
      keyOf({ message_edit: { mid: "m_A1", text: "x", num_edit: 2 } }),
      onlyPage(otherPage).events[0]?.eventKey.toString("hex"),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });

  test("of reactions differ by time, of reads by watermark, of old postbacks by payload", () => {
    const reaction = { mid: "m_B1", action: "react", reaction: "love" };
    const keys = [
      keyOf({ reaction }),
      keyOf({ reaction, timestamp: at + 1 }),
      keyOf({ reaction: { ...reaction, action: "unreact" } }),
      keyOf({ read: { watermark: at } }),
      keyOf({ read: { watermark: at + 1 } }),
      keyOf({ delivery: { watermark: at } }),
      keyOf({ postback: { payload: "A" } }),
      keyOf({ postback: { payload: "B" } }),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });
});
