import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";

import { toTypeId } from "../../domain/id.ts";
import { shortErasureTimings } from "../support/erasure-parts.ts";
import { eventually } from "../support/eventually.ts";
import { ActivityFailures } from "../support/fail-activities.ts";
import { postJson, startHouse } from "../support/house.ts";
import type { House } from "../support/house.ts";
import { listRunning } from "../../runtime/temporal-client.ts";
import { Outside, rowsOf, settled } from "../support/outside.ts";
import { Customer } from "../support/people.ts";
import type { Owner } from "../support/people.ts";
import {
  askAndConfirm,
  customerIdOf,
  handleOf,
  hasEnded,
  hurry,
  openPrivacyStory,
  requestBecomes,
  requestsOf,
  shortenRetries,
} from "../support/privacy-story.ts";
import type { PrivacyStory, RequestRow } from "../support/privacy-story.ts";
import { reconcileNow } from "../support/reconcile-now.ts";
import { addAdmin, read } from "../support/upgrade-story.ts";
import { privacyWorkflowId } from "../../workflows/privacy-request.contract.ts";

let house: House;
let outside: Outside;
let officer: Owner;
const failures = new ActivityFailures((step) => step.startsWith("privacy."));
beforeAll(async () => {
  house = await startHouse({
    worker: {
      interceptors: failures.interceptors,
      deps: { atStep: failures.atStep, erasureTimings: shortErasureTimings },
    },
  });
  outside = new Outside(house);
  await shortenRetries(house);
  officer = await addAdmin(house, "compliance");
});
afterEach(() => outside.calm());
afterAll(() => house.close());

const soon = "act_at = now()";

/** How often each thing was said to the customer about requests. */
async function saidTo({ shop }: PrivacyStory): Promise<string[]> {
  const rows = await rowsOf<{ said: string }>(
    house,
    `select split_part(business_key, ':', 1) || ' ' || split_part(business_key, ':', 3) as said from outbox
      where shop_id = $1 and (business_key like 'privacy:%' or business_key like 'turn:%:privacy') order by seq`,
    [shop.shopId],
  );
  return rows.map(({ said }) => said);
}

/** What the link in the message shows. */
async function statusPage(message: string): Promise<string> {
  const [, url = ""] = /(http\S+\/privacy\/requests\/\S+)/.exec(message) ?? [];
  const page = await fetch(url);
  expect(page.status).toBe(200);
  return page.text();
}

describe("a customer's words in the chat", { timeout: 60_000 }, () => {
  test("delete nothing before the tap, are taken back in time, and are no matter for the model", async () => {
    const story = await openPrivacyStory(house, { name: "Words Shop" });
    const { customer } = story;
    const asked = (await outside.modelCallsOf("Words Shop")).length;
    await customer.say("Delete my data");
    await customer.hearsText("Nothing happens until you tap Yes");
    const yes = await customer.offered("privacyyes:");
    expect(await requestsOf(story)).toMatchObject([{ kind: "deletion", state: "received" }]);
    const stranger = new Customer(house, story.shop);
    await stranger.tap(yes);
    await settled(house, story.shop.shopId);
    expect(await requestsOf(story)).toMatchObject([{ state: "received" }]);

    await customer.tap(yes);
    const { text = "" } = await customer.hearsText("Your data is not used any more");
    await requestBecomes(story, "waiting");
    expect(await statusPage(text)).toContain("will be deleted");

    await customer.say("keep my data");
    await customer.hearsText("Your request was taken back");
    await hasEnded(story, await requestBecomes(story, "cancelled"));
    expect(await outside.modelCallsOf("Words Shop")).toHaveLength(asked);
  });

  test("go on while a person has the conversation, and when the agent is off; in Burmese, too", async () => {
    const story = await openPrivacyStory(house, { name: "Human Shop" });
    const { customer, owner } = story;
    const path = `/v1/conversations/${await customerIdOf(story)}`;
    expect((await owner.post(`${path}/take-over`)).status).toBe(200);
    await customer.say("ဒေတာဖျက်ပေးပါ");
    await customer.offered("privacyyes:");
    await rowsOf(house, "update shops set is_agent_enabled = false where id = $1", [story.shop.shopId]);
    await customer.say("stop using AI");
    await eventually("both are asked about", async () => (await requestsOf(story)).length === 2);
    await customer.hearsText(/stop what you object to|မလိုလားတဲ့/);
    await customer.tap(await customer.offered("privacyyes:"));
    expect(await requestBecomes(story, "completed")).toMatchObject({ kind: "objection", answer: "limited" });
  });

  test("by the code of the public page show whose request it is, and nobody else's words do", async () => {
    const story = await openPrivacyStory(house, { name: "Code Shop" });
    const body = new URLSearchParams({ shop: toTypeId("shop", story.shop.shopId), kind: "access" });
    const made = await fetch(`${house.apiUrl}/privacy/request`, { method: "POST", body });
    const [, code = ""] = /<strong>((?:\w{4}-){3}\w{4})<\/strong>/.exec(await made.text()) ?? [];
    await story.customer.say(code);
    await story.customer.tap(await story.customer.offered("privacyyes:"));
    await story.customer.hearsText("The answer to your request is ready");
    expect(await requestBecomes(story, "completed")).toMatchObject({ kind: "access", answer: "packaged" });
  });
});

test("a person's word to Meta is answered with a page that says what was forgotten", async () => {
  const told = await postJson(`${house.sim.url}/accounts/10203040506/delete-data`, {});
  const { url, confirmationCode } = (await told.json()) as { url: string; confirmationCode: string };
  const page = await fetch(url);
  expect([url.endsWith(confirmationCode), page.status]).toEqual([true, 200]);
  expect(await page.text()).toContain("What your Facebook login gave us is deleted");
});

/** For a customer who wrote to the platform. */
async function open(story: PrivacyStory, kind: string): Promise<RequestRow> {
  const of = { shopId: toTypeId("shop", story.shop.shopId), customerId: await customerIdOf(story) };
  await read(await officer.post("/v1/compliance/privacy-requests", { of, kind }));
  return requestBecomes(story, "with_owner", kind);
}

async function askFor(story: PrivacyStory, kind: string): Promise<string> {
  const customerId = await customerIdOf(story);
  const { id } = await read<{ id: string }>(
    await story.owner.post("/v1/privacy-requests", { customerId, kind }),
  );
  return `/v1/privacy-requests/${id}`;
}

/** A month passes without a word of the shop. */
async function beSilent(story: PrivacyStory): Promise<void> {
  const passed = `due_at = received_at, timings = timings || '{"remindersMs": [0, 0, 0], "ownerSilenceMs": 1}'`;
  await hurry(story, await open(story, "access"), passed);
}

async function takeBack(story: PrivacyStory): Promise<void> {
  const path = await askFor(story, "deletion");
  await requestBecomes(story, "waiting", "deletion");
  await read(await story.owner.post(`${path}/cancel`));
}

async function deny(story: PrivacyStory): Promise<void> {
  const { id } = await open(story, "portability");
  const denial = { denial: "unfounded", reason: "She is another person." };
  await read(await story.owner.post(`/v1/privacy-requests/${toTypeId("pvr", id)}/deny`, denial));
}

async function correct(story: PrivacyStory): Promise<void> {
  const path = await askFor(story, "correction");
  await requestBecomes(story, "with_owner", "correction");
  await read(await story.owner.post(`${path}/answer`, { answer: "corrected" }));
}

async function letLapse(story: PrivacyStory): Promise<void> {
  const row = await requestBecomes(story, "received", "restriction");
  await hurry(story, row, `timings = timings || '{"verifyDueMs": 0}'`);
}

const deaths = [
  { what: "before, then after", when: ["before" as const, "after" as const] },
  { what: "inside", when: ["inside" as const] },
];

/** The `erasure` process waits for orders and epochs: how far it is when a deletion is done is by chance. */
const ofWhatFollows = new Set(["loadErasure", "endHolds", "completeCertificate"]);

describe("once, although a worker dies", { timeout: 60_000 }, () => {
  test.each(deaths)("$what every activity of a deletion, and every word is said once", async ({ when }) => {
    const story = await openPrivacyStory(house);
    failures.arm(story.shop.shopId, { kind: "every", when });
    await askAndConfirm(story, "Delete my data");
    const row = await requestBecomes(story, "waiting");
    const { text = "" } = await story.customer.hearsText("Your data is not used any more");
    expect(await saidTo(story)).toEqual(["turn privacy", "privacy received"]);
    const heard = await story.customer.received();
    await hurry(story, row, soon);
    await hasEnded(story, await requestBecomes(story, "completed", "deletion", 90_000));
    expect(await requestsOf(story)).toMatchObject([{ answer: "erased" }]);
    expect(await statusPage(text)).toContain("It is done.");
    expect(await story.customer.received(), "nobody is written to after").toEqual(heard);
    const [left] = await rowsOf(
      house,
      `select state, (select count(*)::int from certificates c where c.request_id = $2) as certificates,
        (select count(*)::int from outbox o where o.customer_id = s.id) as messages
        from subjects s where shop_id = $1 and kind = 'customer'`,
      [story.shop.shopId, row.id],
    );
    expect(left).toEqual({ state: "erased", certificates: 1, messages: 0 });
    for (const one of when) {
      const struck = failures.namesStruckAt(story.shop.shopId, one);
      const names = struck.filter((name) => !ofWhatFollows.has(name));
      const expected =
        one === "inside"
          ? ["privacy.accepted", "privacy.asked", "privacy.committed", "privacy.told"]
          : [
              "beginPrivacyRequest",
              "carryOutDecision",
              "closePrivacyRequest",
              "closeProcesses",
              "countRunning",
              "deleteExecutions",
              "destroyKeys",
              "fenceSubject",
              "finishPrivacyRequest",
              "issueCertificate",
              "loadPrivacyRequest",
              "planErasure",
              "proveUnreadable",
              "removeRows",
              "routePrivacyRequest",
              "runTurn",
              "tellPrivacyPerson",
              "terminateStragglers",
            ];
      expect(names, `it died ${one}`).toEqual(expected);
    }
  });

  test.each(deaths)("$what every activity of what people judge, or nobody does", async ({ when }) => {
    const story = await openPrivacyStory(house);
    failures.arm(story.shop.shopId, { kind: "every", when });
    await story.customer.say("stop using my data"); // and no tap
    await Promise.all([beSilent(story), takeBack(story), deny(story), correct(story), letLapse(story)]);
    for (const row of await requestsOf(story)) await hasEnded(story, row);

    const ends = (await requestsOf(story)).map(({ kind, state }) => `${kind} ${state}`);
    expect(ends.toSorted()).toEqual([
      "access completed",
      "correction completed",
      "deletion cancelled",
      "portability denied",
      "restriction lapsed",
    ]);
    expect((await saidTo(story)).toSorted()).toEqual([
      "privacy cancelled",
      "privacy denied",
      "privacy done",
      "privacy done",
      "privacy received",
      "privacy received",
      "privacy received",
      "privacy received",
      "turn privacy",
    ]);
    for (const one of when) {
      if (one === "inside") continue;
      expect(failures.namesStruckAt(story.shop.shopId, one), `it died ${one}`).toEqual(
        expect.arrayContaining([
          "buildPackage",
          "lapsePrivacyRequest",
          "raisePrivacyAlarm",
          "remindOfPrivacyRequest",
          "decidePrivacyRequest:answerPrivacyRequest",
          "decidePrivacyRequest:cancelPrivacyRequest",
          "decidePrivacyRequest:denyPrivacyRequest",
        ]),
      );
    }
  });

  test("is picked up from its row when its process is gone, and goes on where it stood", async () => {
    const story = await openPrivacyStory(house);
    await askAndConfirm(story, "stop using my data");
    await hasEnded(story, await requestBecomes(story, "completed"));
    await askAndConfirm(story, "Delete my data");
    const row = await requestBecomes(story, "waiting");
    await settled(house, story.shop.shopId);
    await handleOf(story, row).terminate();
    const workflowId = privacyWorkflowId(toTypeId("pvr", row.id));
    await eventually("it is lost", async () => {
      return !(await listRunning(house.core.temporal, house.temporal.taskQueue)).has(workflowId);
    });
    await reconcileNow(house, { waitedMs: 10_000, lateMs: 60_000 });
    await eventually("it runs again", async () => {
      return (await handleOf(story, row).describe()).status.name === "RUNNING";
    });
    await hurry(story, row, soon);
    await hasEnded(story, row);
    expect((await requestsOf(story)).map(({ answer }) => answer)).toEqual(["limited", "erased"]);
  });
});
