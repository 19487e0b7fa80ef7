import { randomUUID } from "node:crypto";
import { Client } from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { decodeBody } from "../../domain/conversation/message-body.ts";
import type { MessageBody } from "../../domain/conversation/message-body.ts";
import { fromTypeId, toTypeId } from "../../domain/id.ts";
import type { Sealed } from "../../domain/sealing.ts";
import { eventually } from "../support/eventually.ts";
import { createOwnerWorld, jpeg } from "./owner-world.ts";
import type { OwnerWorld, Tenant } from "./owner-world.ts";
import type { CustomerOf } from "./owner-rows.ts";

let world: OwnerWorld;
let tenant: Tenant;
let customer: CustomerOf;
let path: string;
beforeAll(async () => {
  world = await createOwnerWorld();
});
beforeEach(async () => {
  tenant = await world.addTenant();
  customer = await world.addCustomer(tenant);
  path = `/v1/conversations/${toTypeId("cus", customer.customerId)}/messages`;
});
afterAll(() => world.close());

const at = (minutes: number) => new Date(Date.UTC(2026, 0, 1, 10, minutes));

type Row = { id: string; body: Buffer; kind: string; event_key: Buffer; actor_id: string | null };

async function intake(): Promise<Row[]> {
  const { rows } = await world.owner.query<Row>("select * from intake where customer_id = $1", [
    customer.customerId,
  ]);
  return rows;
}

async function opened({ id, body }: Row): Promise<MessageBody> {
  const { shopId, customerId: subjectId } = customer;
  const place = { shopId, subjectId, purpose: "chat", field: "message.body", rowId: id } as const;
  const [plaintext] = await world.deps.sealer.open([{ place, sealed: body as Sealed }]);
  return decodeBody(plaintext ?? Buffer.from("{}"));
}

describe("listing messages", () => {
  test("shows both directions and what is still unclaimed, newest first, as one audited viewing", async () => {
    const body = (text: string): MessageBody => ({ content: { kind: "text", text, quickReplies: [] } });
    const reply = {
      content: { kind: "text" as const, text: "2?", quickReplies: [{ title: "Yes", payload: "x" }] },
    };
    await world.addMessage(customer, { body: { text: "မင်္ဂလာပါ" }, at: at(1) });
    await world.addMessage(customer, { body: reply, at: at(2), outbox: { state: "sent", readAt: at(3) } });
    await world.addMessage(customer, {
      body: body("3"),
      at: at(3),
      outbox: { state: "sent", deliveredAt: at(4) },
    });
    await world.addMessage(customer, { body: body("4"), at: at(4), outbox: { state: "sent" } });
    for (const [index, state] of (
      ["queued", "sending", "waiting_for_window", "unknown", "failed"] as const
    ).entries()) {
      await world.addMessage(customer, { body: body(state), at: at(5 + index), outbox: { state } });
    }
    await world.addMessage(customer, {
      body: { text: "new", masked: ["card"] },
      at: at(20),
      isWaiting: true,
    });

    const answer = await world.ask("GET", path, { token: tenant.key });
    expect(answer.status).toBe(200);
    const seen = answer.body.data.map((message: Record<string, unknown>) => [
      message.direction,
      message.state,
      message.text,
    ]);
    expect(seen).toEqual([
      ["in", "received", "new"],
      ["out", "failed", "failed"],
      ["out", "unknown", "unknown"],
      ["out", "waiting_for_window", "waiting_for_window"],
      ["out", "sending", "sending"],
      ["out", "queued", "queued"],
      ["out", "sent", "4"],
      ["out", "delivered", "3"],
      ["out", "read", "2?"],
      ["in", "received", "မင်္ဂလာပါ"],
    ]);
    expect(answer.body.data[0].isMasked).toBe(true);
    expect(answer.body.data[8].quickReplies).toEqual(["Yes"]);
    expect(await world.auditOf(tenant.shopId)).toEqual(["conversation.viewed"]);
  });

  test("loses and repeats none over its pages, also of the same instant", async () => {
    const ids: string[] = [];
    for (let index = 0; index < 7; index += 1) {
      const isWaiting = index % 2 === 0;
      const id = await world.addMessage(customer, {
        body: { text: `${index}` },
        at: at(Math.floor(index / 3)),
        isWaiting,
      });
      ids.push(toTypeId("msg", id));
    }
    const seen: string[] = [];
    for (let cursor: string | null = ""; cursor !== null;) {
      const query = cursor === "" ? "" : `&cursor=${cursor}`;
      const { body } = await world.ask("GET", `${path}?limit=2${query}`, { token: tenant.key });
      seen.push(...body.data.map(({ id }: { id: string }) => id));
      cursor = body.nextCursor;
    }
    expect(seen).toEqual(ids.toReversed());
  });

  test("links the pictures that a customer sent", async () => {
    const { objectId } = await world.addEvidence(customer, { picture: await jpeg() });
    await world.addMessage(customer, { body: { attachments: [{ type: "image", objectId }] }, at: at(1) });
    const { body } = await world.ask("GET", path, { token: tenant.owner });
    const [attachment] = body.data[0].attachments;
    expect(attachment.type).toBe("image");
    expect((await world.ask("GET", attachment.picture.url, { token: tenant.owner })).status).toBe(200);
  });

  test("shows that a message was taken back, without its words", async () => {
    const id = await world.addMessage(customer, { body: { text: "secret" }, at: at(1) });
    await world.owner.query("update messages set body = null, deleted_at = now() where id = $1", [id]);
    const { body } = await world.ask("GET", path, { token: tenant.key });
    expect(body.data[0].text).toBeNull();
    expect(body.data[0].deletedAt).not.toBeNull();
  });
});

describe("writing to a customer", () => {
  const send = (text: string, headers: Record<string, string> = {}, token = tenant.owner) =>
    world.ask("POST", path, { token, body: { text }, headers });

  test("seals the words into the intake, silences the agent and wakes the sender", async () => {
    const listener = new Client({ connectionString: world.database.urls.worker });
    const heard: string[] = [];
    listener.on("notification", ({ payload = "" }) => heard.push(payload));
    await listener.connect();
    await listener.query("listen send");
    try {
      const answer = await send("ဟုတ်ကဲ့ ရှိပါတယ်");
      expect(answer.status).toBe(201);
      expect(answer.body).toMatchObject({
        direction: "out",
        author: "owner",
        state: "queued",
        text: "ဟုတ်ကဲ့ ရှိပါတယ်",
      });
      const rows = await intake();
      expect(rows).toHaveLength(1);
      const [row] = rows as [Row];
      expect(row.kind).toBe("owner_message");
      expect(row.id).toBe(fromTypeId("msg", answer.body.id));
      expect(row.actor_id).toBe(fromTypeId("acc", answer.body.accountId));
      expect(row.body.includes(Buffer.from("ရှိပါတယ်"))).toBe(false);
      expect(await opened(row)).toEqual({ text: "ဟုတ်ကဲ့ ရှိပါတယ်" });
      await eventually("the sender hears of it", () =>
        heard.includes(`${customer.shopId}:${customer.customerId}`),
      );
    } finally {
      await listener.end();
    }
    const { rows } = await world.owner.query("select * from conversations where customer_id = $1", [
      customer.customerId,
    ]);
    expect(rows[0]).toMatchObject({ mode_version: 1 });
    expect(rows[0].human_until.getTime()).toBeGreaterThan(Date.now());
    const list = await world.ask("GET", path, { token: tenant.owner });
    expect(list.body.data).toMatchObject([{ state: "queued", author: "owner", text: "ဟုတ်ကဲ့ ရှိပါတယ်" }]);
    expect(await world.auditOf(tenant.shopId)).toEqual(["message.sent", "conversation.viewed"]);
  });

  test("keeps one message however often the request comes", async () => {
    const headers = { "idempotency-key": randomUUID() };
    const [first, second] = [await send("once", headers), await send("once", headers)];
    expect(second.body).toEqual(first.body);
    expect(await intake()).toHaveLength(1);
    // The answer is lost with the process, and the lease ends: the same row is met again.
    await world.owner.query("update idempotency_keys set status = null, response = null, lease_until = null");
    const third = await send("once", headers);
    expect(third.status).toBe(201);
    expect(third.body.id).toBe(first.body.id);
    expect(await intake()).toHaveLength(1);
  });

  test("answers a repetition with what the message is now, and says so when its words are gone", async () => {
    const headers = { "idempotency-key": randomUUID() };
    const { body: first } = await send("until erased", headers);
    const { rows } = await world.owner.query("select * from idempotency_keys where shop_id = $1", [
      tenant.shopId,
    ]);
    expect(rows).toMatchObject([{ status: 201, response: null }]);
    await world.owner.query("update intake set claimed_at = now() where id = $1", [
      fromTypeId("msg", first.id),
    ]);
    const gone = await send("until erased", headers);
    expect([gone.status, gone.body.code]).toEqual([410, "message.gone"]);
    await world.owner.query(
      `insert into messages (shop_id, id, customer_id, direction, author, kind, body, occurred_at, received_at)
       select shop_id, id, customer_id, 'out', 'owner', 'text', body, occurred_at, received_at from intake where id = $1`,
      [fromTypeId("msg", first.id)],
    );
    const sent = await send("until erased", headers);
    expect(sent.headers.get("idempotent-replayed")).toBe("true");
    expect(sent.body).toMatchObject({ id: first.id, text: "until erased", state: "sent" });
    // Erasure destroys the key of the customer's chat.
    await world.owner.query("delete from subject_keys where subject_id = $1", [customer.customerId]);
    world.deps.sealer.forget(customer.customerId);
    const erased = await send("until erased", headers);
    expect([erased.status, erased.body.code]).toEqual([410, "message.gone"]);
  });

  test.each([
    ["nothing", "   "],
    ["more than Messenger takes", "x".repeat(2_001)],
    ["a control character", "a\u0000b"],
    ["a card number", "pay to 4111 1111 1111 1111"],
  ])("refuses %s, and stores nothing", async (_what, text) => {
    const answer = await send(text);
    expect(answer.status).toBe(422);
    expect(JSON.stringify([answer.body.detail, answer.body.errors])).not.toContain("4111");
    expect(await intake()).toEqual([]);
  });

  test.each([
    { state: "frozen", refusal: [409, "customer.not_reachable"] },
    { state: "erasing", refusal: [404, "not_found"] },
    { state: "erased", refusal: [404, "not_found"] },
  ])("refuses to write to a customer who is $state", async ({ state, refusal }) => {
    await world.owner.query("update subjects set state = $2 where id = $1", [customer.customerId, state]);
    const answer = await send("hello");
    expect([answer.status, answer.body.code]).toEqual(refusal);
    expect(await intake()).toEqual([]);
  });

  test("waits for no worker and no Temporal", async () => {
    world.outside.isTemporalAway = true;
    const answer = await send("hello");
    world.outside.isTemporalAway = false;
    expect(answer.status).toBe(201);
  });
});
