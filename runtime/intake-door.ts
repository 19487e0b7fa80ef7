import type { DoorDeps } from "../api/deps.ts";
import { receivePage } from "../api/webhooks/receive-page.ts";
import { listPagesByMetaId } from "../db/system.ts";
import type { SystemDatabase } from "../db/system-database.ts";
import { parseWebhook } from "../domain/messenger/parse-webhook.ts";
import type { IntakeDoor } from "../domain/ports/intake-door.ts";
import type { Processes } from "../domain/ports/processes.ts";

type Deps = DoorDeps & { system: SystemDatabase; processes: Pick<Processes, "ringConversation"> };

/** The API's own door, for the worker: the same parser, the same transaction, the same bells. */
export function createIntakeDoor(deps: Deps): IntakeDoor {
  return {
    async receive({ shopId, metaPageId, items, answerFrom }) {
      const entry = { id: metaPageId, time: deps.clock.now().getTime(), messaging: items };
      const body = new TextEncoder().encode(JSON.stringify({ object: "page", entry: [entry] }));
      const parsed = parseWebhook(body);
      const [page] = await listPagesByMetaId(deps.system, [metaPageId]);
      if (!parsed.ok || page?.shopId !== shopId || page.state === "disconnected") return 0;
      let stored = 0;
      for (const arrived of parsed.pages) {
        const { toRing, outcomes } = await receivePage(deps, page, arrived, { answerFrom });
        stored += outcomes.filter(({ outcome }) => outcome === "stored").length;
        const { conversationTimings: timings } = page;
        for (const customerId of toRing) {
          // The sweeper rings for whatever is still unclaimed.
          await deps.processes.ringConversation({ shopId, customerId, timings }).catch(() => undefined);
        }
      }
      return stored;
    },
  };
}
