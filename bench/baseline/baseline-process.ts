import { createBaselineDeps } from "./baseline-deps.ts";
import { answerTurn } from "./baseline-turn.ts";
import type { Message } from "./baseline-turn.ts";
import { serveWebhook } from "./serve-webhook.ts";

/**
 * The same turn without durability, sealing, tenants or fences: a queue in memory, one at a time for each customer. What
 * is in work when the process dies is lost.
 */
const deps = await createBaselineDeps();
const queues = new Map<string, Promise<void>>();

serveWebhook((message: Message) => {
  const before = queues.get(message.psid) ?? Promise.resolve();
  const turn = before
    .then(() => answerTurn(deps, message))
    .catch((error: unknown) => console.error(error))
    .finally(() => {
      if (queues.get(message.psid) === turn) queues.delete(message.psid);
    });
  queues.set(message.psid, turn);
  return Promise.resolve();
});
