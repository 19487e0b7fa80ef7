import { Crowd, newTally } from "../load/crowd.ts";
import { WebhookPoster } from "../load/webhook-poster.ts";
import { findCustomer } from "../system/bench-shop.ts";
import type { BenchSystem } from "../system/bench-system.ts";
import { historyOf } from "./history.ts";
import { countStatements, forgetStatements, listStatements } from "./statements.ts";
import type { StatementCounts, StatementRow } from "./statements.ts";

/** What one plain turn costs: a text comes, two model calls, the cart is written, one text goes out. */
export type TurnCounts = {
  turns: number;
  /** The very first turn, end to end. */
  firstMs: number;
  events: number;
  historyBytes: number;
  signals: number;
  activities: number;
  workflowTasks: number;
  /** Of the door, each of its logins. */
  api: StatementCounts;
  worker: StatementCounts;
  /** What looks for shops and pages; the loops of the worker run under it too, by the clock. */
  system: StatementCounts;
  keyring: StatementCounts;
  graphCalls: number;
  modelCalls: number;
  /** The statements themselves, most often asked first; calls are a turn's. */
  statements: StatementRow[];
};

/** `turns` turns of one customer, one after another, after a first one that is not counted. */
export async function countTurns(system: BenchSystem, turns: number): Promise<TurnCounts> {
  const { core, owner, outside, shops } = system;
  const shop = shops[0];
  if (shop === undefined) throw new TypeError("a system without a shop");
  const poster = new WebhookPoster(system.webhookUrl, system.appSecret);
  const crowd = new Crowd(poster, [shop.metaPageId], 1);
  crowd.listen(outside);
  const [talker] = crowd.talkers;
  if (talker === undefined) throw new TypeError("a crowd without people");
  const tally = newTally();
  for (let turn = 0; turn < 3; turn += 1) await crowd.talk(talker, tally);
  const customerId = await findCustomer(core, shop.shopId, talker.psid);
  const before = await historyOf(core, customerId);
  const calls = { ...outside.counts };
  await forgetStatements(owner);
  for (let turn = 0; turn < turns; turn += 1) {
    await crowd.talk(talker, tally);
    await historyOf(core, customerId); // a turn that ends beside the next message would share its signal
  }
  const after = await historyOf(core, customerId);
  const rows = await listStatements(owner);
  poster.close();
  if (tally.turns.length < turns + 3) throw new Error("a message got no answer");
  const statements = rows.map((row) => ({ ...row, calls: row.calls / turns, ms: row.ms / turns }));
  const byLogin = countStatements(statements);
  const of = (login: string) => byLogin[login] ?? { statements: 0, transactions: 0 };
  const grown = (type: string) => ((after.types[type] ?? 0) - (before.types[type] ?? 0)) / turns;
  return {
    turns,
    firstMs: tally.turns[0]?.e2eMs ?? Number.NaN,
    events: (after.events - before.events) / turns,
    historyBytes: (after.bytes - before.bytes) / turns,
    signals: grown("workflowExecutionSignaled"),
    activities: grown("activityTaskScheduled"),
    workflowTasks: grown("workflowTaskCompleted"),
    api: of("app_api"),
    worker: of("app_worker"),
    system: of("app_system"),
    keyring: of("keyring"),
    graphCalls: (outside.counts.messages + outside.counts.actions - calls.messages - calls.actions) / turns,
    modelCalls: (outside.counts.model - calls.model) / turns,
    statements,
  };
}
