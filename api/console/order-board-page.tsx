import { countOrderBoards, listOrderBoard, orderBoards } from "../../db/order-boards.ts";
import type { OrderBoard, OrderBoardCounts } from "../../db/order-boards.ts";
import type { OrderRow } from "../../db/orders.ts";
import { fromTypeId, toTypeId } from "../../domain/id.ts";
import type { OrderId } from "../../domain/id.ts";
import { toOrderSummary } from "../v1/orders.schema.ts";
import type { EvidencePage, EvidenceSummary } from "./api-types.ts";
import { callApi } from "./call-api.ts";
import type { ConsoleContext, Viewer } from "./console-env.ts";
import { openNames } from "./customer-names.ts";
import { showPage } from "./layout.tsx";
import { OrderChips } from "./order-words.tsx";
import { Amount, LiveRegion, Older, Said, Time } from "./parts.tsx";
import { VerdictChip } from "./verdict-chip.tsx";

const pageSize = 25;

export async function showOrderBoard(c: ConsoleContext): Promise<Response> {
  const { deps, viewer } = c.var;
  const { shopId } = viewer.actor;
  const board = orderBoards.find((known) => known === c.req.query("board")) ?? "decide";
  const before = fromTypeId<OrderId>("ord", c.req.query("before") ?? "");
  const filter = { shopId, board, limit: pageSize + 1, ...(before === undefined ? {} : { before }) };
  const { counts, found } = await deps.db.withShop(shopId, async (trx) => ({
    counts: await countOrderBoards(trx, { shopId }),
    found: await listOrderBoard(trx, filter),
  }));
  const rows = found.slice(0, pageSize);
  const names = await openNames(
    c,
    "orders.viewed",
    rows.map(({ customer_id: customerId, id: orderId, contact }) => ({ customerId, orderId, contact })),
  );
  const unmatched = board === "decide" && before === undefined ? await listUnmatched(c) : [];
  const last = found.length > pageSize ? rows.at(-1) : undefined;
  const older = last && `/console/orders?board=${board}&before=${toTypeId("ord", last.id)}`;
  const { words } = viewer;
  return showPage(c, {
    title: words.boards[board],
    section: "orders",
    children: (
      <LiveRegion id="content" c={c} names={["orders"]}>
        <h1>{words.nav.orders}</h1>
        <Boards viewer={viewer} current={board} counts={counts} />
        {rows.length === 0 && unmatched.length === 0 ? <p class="empty">{words.boardEmpty[board]}</p> : null}
        <ul class="rows">
          {rows.map((row) => (
            <OrderRowItem row={row} name={names.get(row.id)} viewer={viewer} />
          ))}
        </ul>
        <Unmatched slips={unmatched} viewer={viewer} />
        <Older path={older ?? null} text={words.order.older} />
      </LiveRegion>
    ),
  });
}

/** What came without an order counts among the decisions. */
async function listUnmatched(c: ConsoleContext): Promise<EvidenceSummary[]> {
  const page = await callApi<EvidencePage>(c, {
    method: "GET",
    path: "/payment-evidence?state=unmatched&limit=20",
  });
  return page.data;
}

function Boards({
  viewer,
  current,
  counts,
}: {
  viewer: Viewer;
  current: OrderBoard;
  counts: OrderBoardCounts;
}) {
  const { words } = viewer;
  return (
    <nav class="tabs" aria-label={words.order.boards}>
      {orderBoards.map((board) => (
        <a
          href={`/console/orders?board=${board}`}
          aria-current={board === current ? "page" : undefined}
          class={counts[board] === 0 ? "none" : undefined}
        >
          <span>{words.boards[board]}</span> <span class="count">{counts[board]}</span>
        </a>
      ))}
    </nav>
  );
}

function OrderRowItem({ row, name, viewer }: { row: OrderRow; name: string | undefined; viewer: Viewer }) {
  const order = toOrderSummary(row);
  return (
    <li>
      <a class="row" href={`/console/orders/${order.id}`}>
        <span class="row-main">
          <strong>#{order.number}</strong> <Said text={name ?? viewer.words.order.unnamed} />
        </span>
        <span class="row-end">
          <Amount money={order.total} />
        </span>
        <OrderChips order={order} viewer={viewer} />
        <span class="row-end muted">
          <Time at={order.reviewSince ?? order.placedAt ?? order.createdAt} viewer={viewer} />
        </span>
      </a>
    </li>
  );
}

function Unmatched({ slips, viewer }: { slips: readonly EvidenceSummary[]; viewer: Viewer }) {
  if (slips.length === 0) return null;
  const { order } = viewer.words;
  return (
    <section aria-labelledby="unmatched">
      <h2 id="unmatched">{order.unmatched}</h2>
      <p class="muted">{order.unmatchedLead}</p>
      <ul class="rows">
        {slips.map((slip) => (
          <li>
            <a class="row" href={`/console/evidence/${slip.id}`}>
              <span class="row-main">{viewer.words.evidence.open}</span>
              <span class="row-end muted">
                <Time at={slip.receivedAt} viewer={viewer} />
              </span>
              <VerdictChip verdict={slip.verdict} viewer={viewer} />
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}
