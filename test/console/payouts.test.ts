import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { jpeg } from "../api/owner-world.ts";
import { createPayoutWorld } from "../api/payout-world.ts";
import type { Earner, PayoutWorld } from "../api/payout-world.ts";
import { createConsoleWorld } from "./console-world.ts";
import type { ConsoleWorld, Page } from "./console-world.ts";
import { hiddenOf } from "./hidden-of.ts";

let world: PayoutWorld;
let pages: ConsoleWorld;
let maker: string;
let approver: string;
beforeAll(async () => {
  world = await createPayoutWorld();
  pages = await createConsoleWorld(world);
  maker = (await world.addAdmin("payout_admin")).token;
  approver = (await world.addAdmin("payout_approver")).token;
});
afterAll(() => pages.close());

async function addPayout(): Promise<{ earner: Earner; path: string }> {
  const earner = await world.addEarner();
  await world.tally();
  return { earner, path: `/console/admin/payouts/${(await world.payoutOf(earner)).id}` };
}

/** Opens the case and sends one of its forms; answers the case as it is then. */
async function send(
  session: string,
  path: string,
  verb: string,
  more: Record<string, string> = {},
): Promise<Page> {
  const shown = await pages.visit("GET", path, { session });
  const form = { ...hiddenOf(shown, new RegExp(`/${verb}"`)), ...more };
  expect((await pages.visit("POST", `${path}/${verb}`, { session, form })).status).toBe(303);
  return pages.visit("GET", path, { session });
}

describe("the admins' pages of payouts", () => {
  test("lead from the queue to the proposal, the approval, the account, the proof and the end", async () => {
    const { earner, path } = await addPayout();
    const home = await pages.visit("GET", "/console/orders", { session: maker });
    expect(home.headers.get("location")).toBe("/console/admin/payouts");
    const queue = await pages.visit("GET", "/console/admin/payouts", { session: maker });
    expect(queue.html).toContain(path);
    const waiting = await pages.visit("GET", "/console/referral", { session: earner.owner });
    expect(waiting.html).toContain("Being prepared");
    expect((await send(maker, path, "propose")).html).toContain("Waits for approval");
    expect((await send(approver, path, "approve")).html).toContain("To be sent");
    const closed = await pages.visit("GET", path, { session: maker });
    expect(closed.html).not.toContain("09777123456");
    const shown = await pages.visit("GET", `${path}?account=show`, { session: maker });
    expect(shown.html).toContain("09777123456");
    const proof = new FormData();
    for (const [name, value] of Object.entries(hiddenOf(shown, /\/record-paid"/))) proof.set(name, value);
    proof.set("image", new File([new Uint8Array(await jpeg())], "slip.jpg", { type: "image/jpeg" }));
    await pages.visit("POST", `${path}/record-paid`, { session: maker, form: proof });
    const paid = await pages.visit("GET", path, { session: approver });
    expect(paid.html).toContain("Who decided what");
    const picture = /src="(\/console\/admin\/payout-pictures\/[^"]+)"/.exec(paid.html)?.[1] ?? "";
    const bytes = await pages.visit("GET", picture.replaceAll("&amp;", "&"), { session: approver });
    expect(bytes.headers.get("content-type")).toBe("image/jpeg");

    const own = await pages.visit("GET", "/console/referral", { session: earner.owner });
    const statement = /href="(\/console\/referral\/payouts\/[^"]+)"/.exec(own.html)?.[1] ?? "";
    const lines = await pages.visit("GET", statement, { session: earner.owner });
    expect(lines.html).toContain("20,000 MMK");
    expect(lines.html).toContain("Level 1");
  });

  test("keep the picture of whoever has to prove first who they are", async () => {
    const { path } = await addPayout();
    await send(maker, path, "propose");
    await send(approver, path, "approve");
    const session = (await world.addAdmin("payout_admin")).token;
    const shown = await pages.visit("GET", path, { session });
    const proof = new FormData();
    for (const [name, value] of Object.entries(hiddenOf(shown, /\/record-paid"/))) proof.set(name, value);
    proof.set("image", new File([new Uint8Array(await jpeg())], "slip.jpg", { type: "image/jpeg" }));
    world.passTime(10 * 60_000);
    const asked = await pages.visit("POST", `${path}/record-paid`, { session, form: proof });
    world.passTime(-10 * 60_000);
    const next =
      new URL(asked.headers.get("location") ?? "", "http://console").searchParams.get("next") ?? "";
    expect(next).toMatch(new RegExp(`^${path}\\?evidence=upl_`));
    const form = hiddenOf(await pages.visit("GET", next, { session }), /\/record-paid"/);
    await pages.visit("POST", `${path}/record-paid`, { session, form });
    expect((await pages.visit("GET", path, { session })).html).toContain("payout-pictures");
  });

  test("keep why a payout failed of whoever has to prove first who they are", async () => {
    const { path } = await addPayout();
    await send(maker, path, "propose");
    await send(approver, path, "approve");
    const session = (await world.addAdmin("payout_admin")).token;
    const shown = await pages.visit("GET", path, { session });
    const form = { ...hiddenOf(shown, /\/record-failed"/), reason: "account_closed" };
    world.passTime(10 * 60_000);
    const asked = await pages.visit("POST", `${path}/record-failed`, { session, form });
    world.passTime(-10 * 60_000);
    expect(asked.html).toContain("[&quot;reason&quot;,&quot;account_closed&quot;]");
  });

  test("offer each admin their own part, and record a failure by its code", async () => {
    const { path } = await addPayout();
    await send(maker, path, "propose");
    const seen = await pages.visit("GET", path, { session: maker });
    expect(seen.html).not.toContain("/approve");
    await send(approver, path, "approve");
    const failed = await send(maker, path, "record-failed", { reason: "name_differs" });
    expect(failed.html).toContain("The account has another name");
    expect(failed.html).toContain("/propose");
  });

  test("speak Burmese", async () => {
    const session = (await world.addAdmin("payout_admin")).token;
    await pages.visit("POST", "/console/language", { session, form: { language: "my" } });
    const { html } = await pages.visit("GET", "/console/admin/payouts", { session });
    expect(html).toContain("ငွေထုတ်ပေးမှုများ");
  });

  test("are nobody's without a role of the platform", async () => {
    const { earner, path } = await addPayout();
    expect((await pages.visit("GET", path, { session: earner.owner })).status).toBe(403);
    expect((await pages.visit("GET", "/console/admin/fraud", { session: earner.owner })).status).toBe(403);
  });
});

describe("the admins' pages of fraud", () => {
  test("lead from the queue to the flag, the appeal and the decision, which is told of", async () => {
    const earner = await world.addEarner();
    const path = `/console/admin/fraud/${await world.addFlag(earner)}`;
    const page = await pages.visit("GET", "/console/referral", { session: earner.owner });
    const form = { ...hiddenOf(page, /\/appeal"/), text: "It is the shop's tablet." };
    const action = /action="([^"]+\/appeal)"/.exec(page.html)?.[1] ?? "";
    await pages.visit("POST", action, { session: earner.owner, form });

    const session = (await world.addAdmin("compliance")).token;
    const home = await pages.visit("GET", "/console/orders", { session });
    expect(home.headers.get("location")).toBe("/console/admin/fraud");
    expect((await pages.visit("GET", "/console/admin/fraud", { session })).html).toContain(path);
    expect((await pages.visit("GET", path, { session })).html).toContain("tablet");
    const decided = await send(session, path, "dismiss", { reason: "shared_place" });
    expect(decided.html).toContain("They share a place or a device");
    expect(decided.html).not.toContain("/uphold");
    const own = await pages.visit("GET", "/console/referral", { session: earner.owner });
    expect(own.html).toContain("Dismissed");
  });
});
