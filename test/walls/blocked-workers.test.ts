import { join } from "node:path";
import type { Context } from "@temporalio/activity";
import { WorkflowNotFoundError } from "@temporalio/client";
import type { WorkerInterceptors } from "@temporalio/worker";
import { expect, onTestFinished, test } from "vitest";

import { toTypeId } from "../../domain/id.ts";
import type { CustomerId } from "../../domain/id.ts";
import { Member } from "../../bench/campaign/member.ts";
import { taskQueues } from "../../runtime/queues.ts";
import { conversationWorkflowId } from "../../workflows/conversation.contract.ts";
import { eventually } from "../support/eventually.ts";
import { openTestShop, startHouse } from "../support/house.ts";
import type { House, HouseOptions } from "../support/house.ts";
import { countHeard, decide, openStory, place, slip, underReview } from "../support/order-story.ts";
import { bundleOther } from "../support/other-bundle.ts";
import { onlyCustomer } from "../support/outside.ts";
import { startOwnTemporal } from "../support/own-temporal.ts";
import { Customer } from "../support/people.ts";
import { shortConversationTimings } from "../support/short-timings.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { settingsOf } from "../support/worker-process.ts";
import { blockedIdleEndMs } from "./blocking-workflows.ts";

async function openHouse(options: HouseOptions): Promise<House> {
  const house = await startHouse(options);
  onTestFinished(() => house.close());
  return house;
}

/** A worker in a process of its own, with this code, which starts again whenever it ends. */
async function startMember(house: House, { codePath }: { codePath: string }): Promise<Member> {
  const env = {
    PATH: process.env["PATH"],
    TZ: "UTC",
    ...settingsOf(house.config),
    CAMPAIGN_BUNDLE: codePath,
  };
  const logFile = join(await tempFolder(), "worker.log");
  const member = new Member({ kind: "worker", name: "worker", env, logFile, onEnd: () => undefined });
  onTestFinished(() => member.stop());
  member.start();
  await member.ready();
  return member;
}

/** Of the task that a conversation's run waits for; none before it is rung for. */
async function taskAttempts(house: House, customerId: CustomerId): Promise<number> {
  const id = conversationWorkflowId(toTypeId("cus", customerId));
  try {
    const { raw } = await house.core.temporal.client.workflow.getHandle(id).describe();
    return raw.pendingWorkflowTask?.attempt ?? 0;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return 0;
    throw error;
  }
}

/** A customer's order from the first word to paid. */
async function buys(house: House): Promise<void> {
  const story = await openStory(house);
  const order = await place(story);
  await story.customer.sendSlip(slip());
  await underReview(story.owner, order.id);
  await decide(story.owner, order, "confirm-payment");
  await story.customer.hearsText("Payment received");
}

// A process of its own: Node may not survive that it interrupts a workflow, and then the process is started again.
test("others are answered while a workflow blocks its sandbox, and it is too once the code is mended", async () => {
  const temporal = { ...(await startOwnTemporal()), taskQueue: taskQueues.main };
  const house = await openHouse({ temporal });
  await house.stopWorker();
  const conversationTimings = { ...shortConversationTimings, idleEndMs: blockedIdleEndMs };
  const [shop, otherShop] = [await openTestShop(house, { conversationTimings }), await openTestShop(house)];
  const blocking = await bundleOther(new URL("./blocking-workflows.ts", import.meta.url));
  const worker = await startMember(house, blocking);
  const blocked = new Customer(house, shop);
  await blocked.say("What are your opening hours?");
  const customerId = await onlyCustomer(house, shop.shopId);

  await eventually("it blocks again", async () => (await taskAttempts(house, customerId)) > 1, 60_000);
  for (let index = 0; index < 3; index += 1) {
    const other = new Customer(house, otherShop);
    await other.say("What are your opening hours?");
    await other.hearsText("9 to 19", 60_000);
  }
  expect(await blocked.received()).toEqual([]);
  worker.hold();
  await house.restartWorker();
  await blocked.hearsText("9 to 19", 120_000);
  expect(await countHeard(blocked, "9 to 19")).toBe(1);
}, 400_000);

/** The first turn of a shop never ends, whatever it is told; its context, once it runs. */
class StubbornTurn {
  shopId: string | undefined;
  context: Context | undefined;
  private letGo = () => undefined as void;
  private readonly isLetGo = new Promise<void>((resolve) => (this.letGo = resolve));

  /** For `WorkerOverrides`. */
  readonly interceptors: WorkerInterceptors = {
    activity: [
      (context) => ({
        inbound: {
          execute: (input, next) => {
            const [argument] = input.args as [{ shopId?: string } | undefined];
            if (this.context || this.shopId === undefined || argument?.shopId !== this.shopId)
              return next(input);
            this.context = context;
            return this.isLetGo;
          },
        },
      }),
    ],
  };

  end(): void {
    this.letGo();
  }
}

test("a turn that ignores its cancellation costs its worker one place: others go on, and so does its customer", async () => {
  const turn = new StubbornTurn();
  const house = await openHouse({ worker: { interceptors: turn.interceptors, activitiesAtOnce: 2 } });
  onTestFinished(() => turn.end());
  const conversationTimings = { ...shortConversationTimings, turnTimeoutMs: 3_000 };
  const shop = await openTestShop(house, { conversationTimings });
  turn.shopId = shop.shopId;
  const customer = new Customer(house, shop);
  await customer.say("What are your opening hours?");

  await eventually("it is told to stop", () => turn.context?.cancellationSignal.aborted, 60_000);
  await customer.hearsText("9 to 19", 60_000);
  await buys(house);
  expect(await countHeard(customer, "9 to 19")).toBe(1);
}, 180_000);
