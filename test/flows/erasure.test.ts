import { WorkflowNotFoundError } from "@temporalio/client";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { newId, toTypeId } from "../../domain/id.ts";
import type { CustomerId, PrivacyRequestId } from "../../domain/id.ts";
import { conversationWorkflowId } from "../../workflows/conversation.contract.ts";
import { erasureWorkflowId } from "../../workflows/erasure.contract.ts";
import type { ErasureRef, ErasureResult } from "../../workflows/erasure.contract.ts";
import { orderWorkflowId } from "../../workflows/order.contract.ts";
import { shortErasureTimings } from "../support/erasure-parts.ts";
import { eventually } from "../support/eventually.ts";
import { ActivityFailures } from "../support/fail-activities.ts";
import { startHouse } from "../support/house.ts";
import type { House } from "../support/house.ts";
import { decide, openStory, place, slip, stockOf, underReview } from "../support/order-story.ts";
import type { OrderView, Story } from "../support/order-story.ts";
import { bundleOther } from "../support/other-bundle.ts";
import { rowsOf, settled } from "../support/outside.ts";
import { Customer } from "../support/people.ts";

let house: House;
const failures = new ActivityFailures(() => false);
beforeAll(async () => {
  house = await startHouse();
});
afterAll(() => house.close());

const erasing = [
  "planErasure",
  "fenceSubject",
  "closeProcesses",
  "terminateStragglers",
  "deleteExecutions",
  "destroyKeys",
  "proveUnreadable",
  "removeRows",
  "issueCertificate",
];

async function customerOf({ shop, customer }: Story): Promise<CustomerId> {
  const index = await house.core.blindIndexer.index(shop.shopId, "customer.psid", customer.psid);
  const query = "select id from customers where shop_id = $1 and psid_index = $2";
  const [row] = await rowsOf<{ id: CustomerId }>(house, query, [shop.shopId, index]);
  if (!row) throw new Error("the Page does not know them");
  return row.id;
}

async function begin(ref: ErasureRef): Promise<() => Promise<ErasureResult>> {
  const handle = await house.core.temporal.client.workflow.start("eraseOne", {
    workflowId: `test-${ref.requestId}`,
    taskQueue: house.temporal.taskQueue,
    args: [ref],
  });
  return () => handle.result() as Promise<ErasureResult>;
}

/** What Temporal still knows of a workflow. */
async function statusOf(workflowId: string): Promise<string> {
  try {
    return (await house.core.temporal.client.workflow.getHandle(workflowId).describe()).status.name;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return "GONE";
    throw error;
  }
}

const conversationOf = (id: CustomerId) => statusOf(conversationWorkflowId(toTypeId("cus", id)));
const orderOf = ({ id }: OrderView) => statusOf(orderWorkflowId(id));

async function paid(story: Story): Promise<OrderView> {
  const order = await place(story);
  await story.customer.sendSlip(slip());
  await decide(story.owner, await underReview(story.owner, order.id), "confirm-payment");
  return order;
}

describe.concurrent("the erasure of a customer", () => {
  test(
    "ends their processes, goes on with the paid order, and ends when it has ended",
    { timeout: 120_000 },
    async () => {
      await house.restartWorker({
        workflowBundle: await bundleOther(new URL("../support/erasing-workflows.ts", import.meta.url)),
        interceptors: failures.interceptors,
        deps: { erasureTimings: shortErasureTimings },
      });
      const story = await openStory(house);
      const { shop, customer, owner } = story;
      const bystander = { ...story, customer: new Customer(house, shop) };
      const toSend = await paid(story);
      const unpaid = await place(story);
      await bystander.customer.say("Hello");
      await bystander.customer.hearsText("welcome");
      await settled(house, shop.shopId);
      const [subjectId, other] = [await customerOf(story), await customerOf(bystander)];
      const ref = { shopId: shop.shopId, subjectId, requestId: newId<PrivacyRequestId>() };

      failures.arm(shop.shopId, { kind: "every", when: ["before", "after"] });
      const first = await (await begin(ref))();
      expect(first).toMatchObject({ revision: 1, openOrders: 1, isFinal: false });
      expect(failures.namesStruckAt(shop.shopId, "before").map(withoutCount)).toEqual(
        expect.arrayContaining(erasing),
      );
      expect(failures.namesStruckAt(shop.shopId, "after").map(withoutCount)).toEqual(
        expect.arrayContaining(erasing),
      );
      expect(
        await Promise.all([
          conversationOf(subjectId),
          orderOf(unpaid),
          orderOf(toSend),
          conversationOf(other),
        ]),
      ).toEqual(["GONE", "GONE", "RUNNING", "RUNNING"]);
      expect(await stockOf(story), "only the paid dress is sold").toEqual({ onHand: 4, reserved: 0 });

      // They come back as somebody new, while their order is on its way.
      const heard = (await customer.received()).length;
      await customer.say("How much is the Red Dress?");
      await eventually("the newcomer is answered", async () => (await customer.received()).length > heard);
      expect(await customerOf(story)).not.toBe(subjectId);

      await decide(owner, toSend, "ship");
      await decide(owner, toSend, "deliver");
      await eventually(
        "the second leg is certified",
        async () => {
          const [row] = await rowsOf<{ count: string }>(
            house,
            "select count(*) as count from certificates where request_id = $1",
            [ref.requestId],
          );
          return row?.count === "2";
        },
        90_000,
      );
      expect(await orderOf(toSend)).toBe("GONE");
      expect(await conversationOf(other)).not.toBe("GONE");
      const texts = (await customer.received()).slice(heard).map(({ text = "" }) => text);
      expect(
        texts.filter((text) => text.includes(toSend.number)),
        "nobody writes to who is erased",
      ).toEqual([]);
      const keys = "select purpose from subject_keys where subject_id = $1";
      expect(await rowsOf(house, keys, [subjectId])).toEqual([{ purpose: "finance" }]);
      expect(await statusOf(erasureWorkflowId(toTypeId("pvr", ref.requestId)))).toBe("RUNNING");

      await rowsOf(house, "update key_epochs set state = 'destroyed', destroyed_at = now()");
      await eventually(
        "the erasure is over",
        async () => (await statusOf(erasureWorkflowId(toTypeId("pvr", ref.requestId)))) === "COMPLETED",
      );
      await rowsOf(house, "update key_epochs set state = 'open', destroyed_at = null");
    },
  );
});

function withoutCount(label: string): string {
  return label.replace(/[#:].*$/u, "");
}
