import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { newId } from "../../domain/id.ts";
import { createConsoleWorld } from "./console-world.ts";
import type { ConsoleWorld } from "./console-world.ts";

let world: ConsoleWorld;
beforeAll(async () => {
  world = await createConsoleWorld();
});
afterAll(() => world.close());

const page = "/console/referral";

async function join(session: string): Promise<string> {
  await world.visit("POST", `${page}/join`, { session, form: { accepted: "1" } });
  return (await world.visit("GET", page, { session })).html;
}

function flashOf({ headers }: { headers: Headers }): string {
  return decodeURIComponent(/console-flash=([^;]+)/.exec(headers.get("set-cookie") ?? "")?.[1] ?? "");
}

function keyOf(html: string): string {
  return /name="key" value="([^"]+)"/.exec(html)?.[1] ?? "";
}

describe("the referral page", () => {
  test("offers to take part, and then shows code, link and network", async () => {
    const { owner } = await world.addTenant();
    const before = await world.visit("GET", page, { session: owner });
    expect(before.html).toContain("I accept the terms");
    const html = await join(owner);
    const code = /<strong>([2-9A-HJKMNP-Z]{8})<\/strong>/.exec(html)?.[1];
    expect(html).toContain(`href="http://shop.test/console/sign-up?ref=${code}"`);
    expect(html).toContain("0 shop owners");
    expect(html).not.toContain("I accept the terms");
  });

  test("takes part nobody who has not accepted the terms", async () => {
    const { owner: session } = await world.addTenant();
    const sent = await world.visit("POST", `${page}/join`, { session, form: { termsVersion: "1" } });
    expect(flashOf(sent)).toBe("problem:form.incomplete");
    expect((await world.visit("GET", page, { session })).html).toContain(
      'name="accepted" value="1" required',
    );
  });

  test("shows the payout account masked, and the form for another one empty", async () => {
    const { owner } = await world.addTenant();
    await join(owner);
    const form = { kind: "kbzpay", accountName: "Daw Aye", accountNumber: "09777123456", bank: "" };
    const saved = await world.visit("POST", `${page}/account`, { session: owner, form });
    expect(flashOf(saved)).toBe("done:payoutAccountSaved");
    const { html } = await world.visit("GET", page, { session: owner });
    expect(html).toContain("••••3456");
    expect(html).not.toContain("09777123456");
    expect(html).not.toContain("Daw Aye");
  });

  test("takes how often one wants to be paid, and from what amount on", async () => {
    const { owner: session } = await world.addTenant();
    await join(session);
    const save = (threshold: string) =>
      world.visit("POST", `${page}/preferences`, {
        session,
        form: { schedule: "quarterly", threshold, currency: "MMK" },
      });
    expect(flashOf(await save("9,999"))).toContain("payout_preferences.below_minimum");
    expect(flashOf(await save("၂၅,၀၀၀"))).toBe("done:payoutPreferencesSaved");
    const { html } = await world.visit("GET", page, { session });
    expect(html).toContain('value="25000"');
    expect(html).toMatch(/<option value="quarterly" selected/);
  });

  test("takes an appeal against a flag", async () => {
    const { owner } = await world.addTenant();
    const code = /<strong>([2-9A-HJKMNP-Z]{8})<\/strong>/.exec(await join(owner))?.[1];
    await world.owner.query(
      `insert into fraud_flags (id, participant_id, rule, evidence_key, severity, raised_at)
        select $1, id, 'same_device', 'k', 'high', now() from referral_participants where code = $2`,
      [newId<string>(), code],
    );
    const { html } = await world.visit("GET", page, { session: owner });
    expect(html).toContain("used the same device");
    const action = /action="([^"]+\/appeal)"/.exec(html)?.[1] ?? "";
    const sent = await world.visit("POST", action, {
      session: owner,
      form: { key: keyOf(html), text: "It is the shop's tablet" },
    });
    expect(flashOf(sent)).toBe("done:appealSent");
    expect((await world.visit("GET", page, { session: owner })).html).toContain("You have appealed.");
  });

  test("offers an appeal to whoever is suspended, until it was made", async () => {
    const { owner: session } = await world.addTenant();
    const code = /<strong>([2-9A-HJKMNP-Z]{8})<\/strong>/.exec(await join(session))?.[1];
    await world.owner.query(
      `with who as (update referral_participants set state = 'suspended' where code = $2 returning id)
        insert into fraud_flags (id, participant_id, rule, evidence_key, severity, state, raised_at, decided_at)
        select $1, id, 'same_device', 'k', 'high', 'upheld', now(), now() from who`,
      [newId<string>(), code],
    );
    const { html } = await world.visit("GET", page, { session });
    expect(html).toContain("Your referral is suspended. You can appeal below.");
    const action = /action="([^"]+\/appeal)"/.exec(html)?.[1] ?? "";
    await world.visit("POST", action, { session, form: { key: keyOf(html), text: "It was not me" } });
    const after = await world.visit("GET", page, { session });
    expect(after.html).toContain("Your referral is suspended.");
    expect(after.html).not.toContain("You can appeal below");
  });

  test("speaks Burmese", async () => {
    const { owner } = await world.addTenant();
    const headers = { referer: `http://shop.test${page}` };
    await world.visit("POST", "/console/language", { session: owner, form: { language: "my" }, headers });
    expect((await world.visit("GET", page, { session: owner })).html).toContain("ပါဝင်မယ်");
  });

  test("is the owner's alone: staff have no way there", async () => {
    const { owner, staff } = await world.addTenant();
    expect((await world.visit("GET", "/console/shop", { session: owner })).html).toContain(`href="${page}"`);
    expect((await world.visit("GET", "/console/shop", { session: staff })).html).not.toContain(
      `href="${page}"`,
    );
    expect((await world.visit("GET", page, { session: staff })).status).toBe(403);
  });
});
