import { countOrderBoards, orderBoards } from "../../db/order-boards.ts";
import type { OrderBoard, OrderBoardCounts } from "../../db/order-boards.ts";
import { countUnmatchedEvidence } from "../../db/evidence-queries.ts";
import type { ConsoleContext, Viewer } from "./console-env.ts";

/** The boards of orders, and the slips that belong to none. */
export type Tab = OrderBoard | "unmatched";
export type TabCounts = OrderBoardCounts & { unmatched: number };

const tabs: readonly Tab[] = [...orderBoards, "unmatched"];

export function readTabCounts(c: ConsoleContext): Promise<TabCounts> {
  const { shopId } = c.var.viewer.actor;
  return c.var.deps.db.withShop(shopId, async (trx) => ({
    ...(await countOrderBoards(trx, { shopId })),
    unmatched: await countUnmatchedEvidence(trx, { shopId }),
  }));
}

export function BoardTabs({ viewer, current, counts }: { viewer: Viewer; current: Tab; counts: TabCounts }) {
  const { words } = viewer;
  return (
    <nav class="tabs" aria-label={words.order.boards}>
      {tabs.map((tab) => (
        <a
          href={tab === "unmatched" ? "/console/evidence" : `/console/orders?board=${tab}`}
          aria-current={tab === current ? "page" : undefined}
          class={counts[tab] === 0 ? "none" : undefined}
        >
          <span>{words.boards[tab]}</span> <span class="count">{counts[tab]}</span>
        </a>
      ))}
    </nav>
  );
}
