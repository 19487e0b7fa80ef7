import { afterAll, beforeAll, expect, test } from "vitest";

import { startHouse } from "../support/house.ts";
import type { House } from "../support/house.ts";
import { openStory, place, slip, underReview } from "../support/order-story.ts";

let house: House;
beforeAll(async () => {
  house = await startHouse();
});
afterAll(() => house.close());

test("a slip is evidence also when a person wrote after it and no worker was up", async () => {
  const story = await openStory(house);
  const { owner, customer } = story;
  const placed = await place(story);
  await house.stopWorker();
  await customer.sendSlip(slip());
  const { customerId } = await owner.get<{ customerId: string }>(`/v1/orders/${placed.id}`);
  const answer = await owner.post(`/v1/conversations/${customerId}/messages`, { text: "Thank you, I look" });
  expect(answer.status, await answer.text()).toBeLessThan(300);
  await house.restartWorker();

  await underReview(owner, placed.id);
  await customer.hearsText("Thank you, I look");
  await customer.hearsText("I have your payment slip");
});
