import { afterAll, beforeAll, expect, test } from "vitest";

import { remindOfTickets } from "../../activities/upkeep/remind-of-tickets.ts";
import { createRateLimits } from "../../api/auth/rate-limits.ts";
import { ticketAlarm, ticketDueAt, ticketTopics } from "../../domain/support/ticket.ts";
import { fc } from "../support/properties.ts";
import { createIncidentWorld } from "./incident-world.ts";
import type { IncidentWorld } from "./incident-world.ts";

const day = 24 * 60 * 60_000;

let world: IncidentWorld;
beforeAll(async () => {
  world = await createIncidentWorld(createRateLimits(100));
});
afterAll(() => world.close());

function write(body: object, token?: string) {
  return world.ask("POST", "/v1/tickets", { body, ...(token === undefined ? {} : { token }) });
}

async function mailsAbout(): Promise<string[]> {
  const { rows } = await world.owner.query<{ kind: string }>(
    "select kind from mails where kind like 'ticket_%' group by kind, business_key, account_id order by kind",
  );
  return rows.map(({ kind }) => kind);
}

test("whoever writes gets a code, and reads the answer by it, without an account", async () => {
  const { status, body } = await write({ topic: "privacy", text: "What do you have of me?" });
  expect(status).toBe(201);
  const answered = await world.ask("POST", `/v1/compliance/tickets/${body.id}/answer`, {
    token: world.maker.token,
    body: { text: "Here it is." },
  });
  expect(answered.body).toMatchObject({ state: "answered" });
  const read = await world.ask("GET", `/v1/tickets/${String(body.code).toLowerCase()}`);
  expect(read.body.messages).toMatchObject([
    { author: "person", text: "What do you have of me?" },
    { author: "staff", text: "Here it is." },
  ]);
  const wrong = await world.ask("GET", "/v1/tickets/AAAAA-AAAAA-AAAAA-AAAAA");
  expect(wrong.status).toBe(404);
});

test("nothing of it stands on the disk in clear, and a card number in it not even sealed", async () => {
  const text = "My card is 4111 1111 1111 1111, write to cnry@example.com";
  const { body } = await write({ topic: "support", text: "A word of mine: cnryword" });
  const { rows } = await world.owner.query<{ row: string }>(
    "select (select string_agg(t::text, '') from tickets t) || (select string_agg(m::text, '') from ticket_messages m) as row",
  );
  expect(rows[0]?.row).not.toContain(Buffer.from("cnryword").toString("hex"));
  expect(rows[0]?.row).not.toContain("cnryword");
  const refused = await world.ask("POST", `/v1/tickets/${body.code}/messages`, { body: { text } });
  expect(refused.status).toBe(422);
});

test("a ticket of an account is known as its, and a closed one takes no more", async () => {
  const tenant = await world.addTenant();
  const { body } = await write({ topic: "support", text: "Help" }, tenant.owner);
  const as = { token: world.maker.token };
  const early = await world.ask("POST", `/v1/compliance/tickets/${body.id}/close`, as);
  expect(early.body.code).toBe("ticket.unanswered");
  await world.ask("POST", `/v1/compliance/tickets/${body.id}/answer`, { ...as, body: { text: "Done." } });
  const closed = await world.ask("POST", `/v1/compliance/tickets/${body.id}/close`, as);
  expect(closed.body).toMatchObject({ state: "closed", accountId: expect.stringMatching(/^acc_/) });
  const late = await world.ask("POST", `/v1/tickets/${body.code}/messages`, { body: { text: "One more" } });
  expect([late.status, late.body.code]).toEqual([409, "ticket.closed"]);
});

test("an answer that is sent again under its key is written once, and the look of compliance is logged", async () => {
  const { body } = await write({ topic: "support", text: "Hello" });
  const headers = { "idempotency-key": `answer-${body.id}` };
  const asked = { token: world.maker.token, headers, body: { text: "Yes?" } };
  for (const _ of [1, 2]) await world.ask("POST", `/v1/compliance/tickets/${body.id}/answer`, asked);
  const read = await world.ask("GET", `/v1/compliance/tickets/${body.id}`, { token: world.maker.token });
  expect(read.body.messages).toHaveLength(2);
  const { rowCount } = await world.owner.query(
    "select from audit_events where action = 'ticket.viewed' and actor_id = $1",
    [world.maker.accountId],
  );
  expect(rowCount).toBe(1);
});

test("an incident is opened from a report that a stranger made", async () => {
  const report = await world.ask("POST", "/v1/incident-reports", {
    body: { text: "I saw a list of names." },
  });
  expect(report.status).toBe(201);
  const { id } = await world.open({ ticketId: report.body.id });
  expect(await world.incidentOf(id)).toMatchObject({ ticketId: report.body.id });
});

test("M:ONAMI-64 compliance is reminded of what nobody answered, and it is escalated before the time is over, once each", async () => {
  await world.owner.query("update tickets set state = 'closed', closed_at = now()");
  const { body } = await write({ topic: "privacy", text: "And my data?" });
  const look = () => remindOfTickets(world.activityDeps);
  await look();
  expect(await mailsAbout()).toEqual([]);
  await world.passTime(21 * day);
  for (const _ of [1, 2]) await look();
  expect(await mailsAbout()).toEqual(["ticket_waits", "ticket_waits"]);
  await world.passTime(8.5 * day);
  for (const _ of [1, 2]) await look();
  expect(await mailsAbout()).toEqual([
    "ticket_waits",
    "ticket_waits",
    "ticket_waits_long",
    "ticket_waits_long",
  ]);
  await world.passTime(day);
  const { data } = (await world.ask("GET", "/v1/compliance/tickets", { token: world.maker.token })).body;
  expect(data).toMatchObject([{ id: body.id, isOverdue: true }]);
  const answer = { token: world.maker.token, body: { text: "Sorry for the wait." } };
  await world.ask("POST", `/v1/compliance/tickets/${body.id}/answer`, answer);
  await world.ask("POST", `/v1/tickets/${body.code}/messages`, { body: { text: "One more question" } });
  const { data: again } = (await world.ask("GET", "/v1/compliance/tickets", { token: world.maker.token }))
    .body;
  expect(again).toMatchObject([{ id: body.id, isOverdue: false }]);
});

test("strangers from one network cannot flood us", async () => {
  const small = await createIncidentWorld(createRateLimits());
  const statuses: number[] = [];
  for (let i = 0; i < 11; i += 1) {
    const { status } = await small.ask("POST", "/v1/tickets", { body: { topic: "support", text: "x" } });
    statuses.push(status);
  }
  expect(statuses.at(-1)).toBe(429);
  await small.close();
});

test("every ticket is reminded of before it is escalated, and escalated before it is due", () => {
  const waiting = fc.record({
    topic: fc.constantFrom(...ticketTopics),
    passed: fc.double({ min: 0, max: 2, noNaN: true }),
  });
  fc.assert(
    fc.property(waiting, ({ topic, passed }) => {
      const since = new Date("2026-11-30T00:00:00Z");
      const dueAt = ticketDueAt(topic, since);
      const now = new Date(since.getTime() + passed * (dueAt.getTime() - since.getTime()));
      const fresh = ticketAlarm({ topic, dueAt, remindedAt: null, escalatedAt: null }, now);
      const told = ticketAlarm({ topic, dueAt, remindedAt: since, escalatedAt: since }, now);
      expect(told).toBeNull();
      if (now >= dueAt) expect(fresh).toBe("escalation");
      if (fresh === "reminder") expect(now < dueAt).toBe(true);
      if (passed < 0.6) expect(fresh).toBeNull();
    }),
  );
});
