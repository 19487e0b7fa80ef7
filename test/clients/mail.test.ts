import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";

import { createMailClient } from "../../clients/mail.ts";
import { newId } from "../../domain/id.ts";
import type { RunningSim } from "../../sim/start-sim.ts";
import { startTestSim } from "../sim/sim-harness.ts";
import { anywhere } from "../support/egress.ts";

let sim: RunningSim;
beforeAll(async () => {
  sim = await startTestSim({ webhookUrl: "http://127.0.0.1:9/webhooks/messenger" });
});
afterEach(() => sim.context.faults.disarm());
afterAll(() => sim.close());

const from = "Shopthread <no-reply@shop.example>";
const client = (url = sim.mailUrl, timeoutMs = 10_000) =>
  createMailClient({ egress: anywhere, url, from, timeoutMs });

function letter(more: object = {}) {
  const id = newId<string>();
  return {
    id,
    to: `to-${id}@example.com`,
    subject: "Confirm · အတည်ပြုပါ",
    body: "First\n\nhttp://x.test/a?token=b_c-d\n",
    ...more,
  };
}

describe("a mail", () => {
  test("arrives as it was written, with a Message-ID of its row's id", async () => {
    const mail = letter();
    expect(await client().sendMail(mail)).toEqual({ outcome: "sent" });
    expect(sim.context.letters.list(mail.to)).toEqual([
      {
        messageId: `<${mail.id}@shop.example>`,
        at: expect.any(String),
        from: '"Shopthread" <no-reply@shop.example>',
        to: mail.to,
        subject: mail.subject,
        text: mail.body,
      },
    ]);
    const calls = (await (await fetch(`${sim.url}/calls?to=mail`)).json()) as {
      path: string;
      status: number;
    }[];
    expect(calls.find(({ path }) => path === `/${mail.to}`)).toMatchObject({
      status: 250,
      outcome: "answered",
    });
    const page = await (await fetch(`${sim.url}/mail`)).text();
    expect(page).toContain('<a href="http://x.test/a?token=b_c-d">');
  });

  test.each([
    [451, { outcome: "retry", code: "smtp.451" }],
    [421, { outcome: "retry", code: "smtp.421" }],
    [550, { outcome: "refused", code: "smtp.550" }],
    [552, { outcome: "refused", code: "smtp.552" }],
  ])("that is answered %i has a clear outcome", async (status, expected) => {
    const mail = letter();
    sim.context.faults.arm({ to: "mail", match: mail.to, status });
    expect(await client().sendMail(mail)).toEqual(expected);
    expect(sim.context.letters.list(mail.to)).toEqual([]);
  });

  test("whose answer was lost is sent again, and both are known as one", async () => {
    const mail = letter();
    sim.context.faults.arm({ to: "mail", match: mail.to, dropAfter: true });
    expect(await client().sendMail(mail)).toEqual({ outcome: "retry", code: "smtp.away" });
    expect(await client().sendMail(mail)).toEqual({ outcome: "sent" });
    const ids = sim.context.letters.list(mail.to).map(({ messageId }) => messageId);
    expect(ids).toEqual([`<${mail.id}@shop.example>`, `<${mail.id}@shop.example>`]);
  });

  test("waits for no server for ever", async () => {
    const mail = letter();
    sim.context.faults.arm({ to: "mail", match: mail.to, hang: true });
    expect(await client(sim.mailUrl, 300).sendMail(mail)).toEqual({ outcome: "retry", code: "smtp.away" });
    expect(await client("smtp://127.0.0.1:9").sendMail(mail)).toEqual({
      outcome: "retry",
      code: "smtp.away",
    });
  });

  test("goes to one address, whatever stands in it", async () => {
    const mail = letter({ to: "a@example.com, c@example.com" });
    await client().sendMail(mail);
    const arrived = sim.context.letters.list().filter(({ messageId }) => messageId.includes(mail.id));
    expect(arrived).toEqual([]);
  });

  test("does not leave this machine unencrypted", async () => {
    // A name that is no loopback name, and leads here: a server without STARTTLS gets nothing.
    const outside = sim.mailUrl.replace("127.0.0.1", "0.0.0.0");
    const mail = letter();
    expect((await client(outside).sendMail(mail)).outcome).not.toBe("sent");
    expect(sim.context.letters.list(mail.to)).toEqual([]);
  });
});
