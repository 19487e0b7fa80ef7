import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { platformShopId } from "../../db/accounts.ts";
import { toTypeId } from "../../domain/id.ts";
import { breachWorkflowId } from "../../workflows/breach.contract.ts";
import {
  breachHasEnded,
  decideIncident,
  incidentBecomes,
  openIncident,
  setTimings,
  writePapers,
} from "../support/breach-story.ts";
import { eventually } from "../support/eventually.ts";
import { ActivityFailures } from "../support/fail-activities.ts";
import { openTestShop, startHouse } from "../support/house.ts";
import type { House } from "../support/house.ts";
import { rowsOf } from "../support/outside.ts";
import { Customer } from "../support/people.ts";
import type { Owner } from "../support/people.ts";
import { reconcileNow } from "../support/reconcile-now.ts";
import { addAdmin, read } from "../support/upgrade-story.ts";

let house: House;
let maker: Owner;
let approver: Owner;
const failures = new ActivityFailures((step) => step.startsWith("breach."));
beforeAll(async () => {
  house = await startHouse({
    worker: { interceptors: failures.interceptors, deps: { atStep: failures.atStep } },
  });
  [maker, approver] = [await addAdmin(house, "compliance"), await addAdmin(house, "compliance")];
});
afterAll(() => house.close());

const heard = /A list of orders was seen by a stranger/;

/** A shop, and people who wrote to it and were answered. */
async function openStory(count: number) {
  const shop = await openTestShop(house);
  const customers = Array.from({ length: count }, () => new Customer(house, shop));
  for (const customer of customers) await customer.say("Hello");
  for (const customer of customers) await customer.hearsText(/./);
  return { shop, customers };
}

async function timesTold(customers: Customer[]): Promise<number[]> {
  return Promise.all(
    customers.map(async (customer) => {
      const texts = (await customer.received()).filter(({ text = "" }) => heard.test(text));
      return texts.length;
    }),
  );
}

const everyActivity = [
  "decideBreach:approveBreachDecision",
  "decideBreach:closeIncident",
  "decideBreach:containBreach",
  "decideBreach:proposeBreachDecision",
  "listAffected",
  "loadBreach",
  "raiseAlarm",
  "readReceipts",
  "tellAffected",
];

describe("a breach is told once to each, although a worker dies", { timeout: 60_000 }, () => {
  test.each([
    { what: "before, then after", when: ["before" as const, "after" as const] },
    { what: "inside", when: ["inside" as const] },
  ])("$what every activity", async ({ when }) => {
    const { shop, customers } = await openStory(2);
    failures.arm(platformShopId, { kind: "every", when });
    const incident = await openIncident(house, maker);
    await setTimings(house, incident, { alarmsMs: [0] });
    await eventually("the alarm is raised", async () => {
      const [row] = await rowsOf<{ alarms_raised: number }>(
        house,
        "select alarms_raised from incidents order by id desc limit 1",
      );
      return row?.alarms_raised === 1;
    });
    await read(
      await decideIncident(maker, incident, "contain", {
        measure: "pause_agents",
        shopIds: [toTypeId("shop", shop.shopId)],
      }),
    );
    const { noticeVersion } = await writePapers(maker, incident, shop.shopId);
    const proposal = { proposal: "notify", noticeVersion };
    await read(await decideIncident(maker, incident, "propose", proposal));
    await read(await decideIncident(approver, incident, "approve", proposal));
    for (const customer of customers) await customer.hearsText(heard);
    const notified = await incidentBecomes(maker, incident, "notified");
    expect(notified.people).toMatchObject({ customers: 2, sent: 2 });
    await read(await decideIncident(maker, incident, "close", {}));
    await breachHasEnded(house, incident);

    expect(await timesTold(customers)).toEqual([1, 1]);
    for (const one of when) {
      const struck = failures.namesStruckAt(platformShopId, one);
      expect(struck, `it died ${one}`).toEqual(
        one === "inside" ? ["breach.committed", "breach.person_told"] : everyActivity,
      );
    }
    const closed = await incidentBecomes(maker, incident, "closed");
    const story = closed.events.map(({ what }) => what).filter((what) => what !== "contained");
    expect(story).toEqual([
      "opened",
      "alarm",
      "papers_written",
      "proposed",
      "approved",
      "listed",
      "queued_for_all",
      "notified",
      "closed",
    ]);
    failures.arm(platformShopId, null);
  });

  test("a process that is lost is started from the row, and tells those who were not told", async () => {
    const { shop, customers } = await openStory(1);
    const incident = await openIncident(house, maker);
    const { noticeVersion } = await writePapers(maker, incident, shop.shopId);
    const proposal = { proposal: "notify", noticeVersion };
    await read(await decideIncident(maker, incident, "propose", proposal));
    await house.core.temporal.client.workflow.getHandle(breachWorkflowId(incident.id)).terminate("lost");
    await rowsOf(
      house,
      "update incidents set state = 'notifying', approved_at = now() where state = 'open' and proposal is not null",
    );
    await reconcileNow(house, { waitedMs: 0, lateMs: 0 });
    for (const customer of customers) await customer.hearsText(heard);
    await incidentBecomes(maker, incident, "notified");
    expect(await timesTold(customers)).toEqual([1]);
  });
});
