import { Crowd, newTally } from "../load/crowd.ts";
import { WebhookPoster } from "../load/webhook-poster.ts";
import { findCustomer } from "../system/bench-shop.ts";
import type { BenchSystem } from "../system/bench-system.ts";
import { eventsOfAllRuns } from "./history.ts";
import { median } from "./percentile.ts";

export type Growth = { turns: number; eventsPerTurn: number; firstMs: number; lastMs: number };

/** One conversation goes on for long: medians of its first and last tenth, the first contact left out. */
export async function measureGrowth(system: BenchSystem, turns: number): Promise<Growth> {
  const [shop] = system.shops;
  if (shop === undefined) throw new TypeError("a system without a shop");
  const poster = new WebhookPoster(system.webhookUrl, system.appSecret);
  const crowd = new Crowd(poster, [shop.metaPageId], 1);
  crowd.listen(system.outside);
  const [talker] = crowd.talkers;
  if (talker === undefined) throw new TypeError("a crowd without people");
  await crowd.talk(talker, newTally());
  const tally = newTally();
  for (let turn = 0; turn < turns; turn += 1) await crowd.talk(talker, tally);
  poster.close();
  const tenth = Math.max(1, Math.floor(turns / 10));
  const times = tally.turns.map(({ e2eMs }) => e2eMs);
  const customerId = await findCustomer(system.core, shop.shopId, talker.psid);
  return {
    turns: times.length,
    eventsPerTurn: (await eventsOfAllRuns(system.core, customerId)) / (times.length + 1),
    firstMs: median(times.slice(0, tenth)),
    lastMs: median(times.slice(-tenth)),
  };
}
