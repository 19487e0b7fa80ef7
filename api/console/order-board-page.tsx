import { listOrderBoard, orderBoards } from "../../db/order-boards.ts";
import type { OrderRow } from "../../db/orders.ts";
import { fromTypeId, toTypeId } from "../../domain/id.ts";
import type { OrderId } from "../../domain/id.ts";
import { toOrderSummary } from "../v1/orders.schema.ts";
import { BoardTabs, readTabCounts } from "./board-tabs.tsx";
import type { ConsoleContext, Viewer } from "./console-env.ts";
import { openNames } from "./customer-names.ts";
import { showPage } from "./layout.tsx";
import { OrderChips } from "./order-words.tsx";
import { Amount, LiveRegion, Older, Said, Time } from "./parts.tsx";
import { UnmatchedRows, readUnmatched } from "./unmatched-page.tsx";
import type { NamedSlip } from "./unmatched-page.tsx";

const pageSize = 25;
/** The rest of them stands on its own page. */
const firstSlips = 5;

export async function showOrderBoard(c: ConsoleContext): Promise<Response> {
  const { deps, viewer } = c.var;
  const { shopId } = viewer.actor;
  const board = orderBoards.find((known) => known === c.req.query("board")) ?? "decide";
  const before = fromTypeId<OrderId>("ord", c.req.query("before") ?? "");
  const filter = { shopId, board, limit: pageSize + 1, ...(before === undefined ? {} : { before }) };
  const counts = await readTabCounts(c);
  const found = await deps.db.withShop(shopId, (trx) => listOrderBoard(trx, filter));
  const rows = found.slice(0, pageSize);
  const names = await openNames(
    c,
    "orders.viewed",
    rows.flatMap(({ customer_id: customerId, id: orderId, contact }) =>
      contact === null ? [] : [{ customerId, orderId, contact }],
    ),
  );
  // What came without an order counts among the decisions.
  const hasSlips = board === "decide" && before === undefined;
  const { slips } = hasSlips ? await readUnmatched(c, { limit: firstSlips }) : { slips: [] };
  const last = found.length > pageSize ? rows.at(-1) : undefined;
  const older = last && `/console/orders?board=${board}&before=${toTypeId("ord", last.id)}`;
  const { words } = viewer;
  return showPage(c, {
    title: words.boards[board],
    section: "orders",
    children: (
      <LiveRegion id="content" c={c} names={["orders"]}>
        <h1>{words.nav.orders}</h1>
        <BoardTabs viewer={viewer} current={board} counts={counts} />
        {rows.length === 0 && slips.length === 0 ? <p class="empty">{words.boardEmpty[board]}</p> : null}
        <ul class="rows">
          {rows.map((row) => (
            <OrderRowItem row={row} name={names.get(row.id)} viewer={viewer} />
          ))}
        </ul>
        <Unmatched slips={slips} count={counts.unmatched} viewer={viewer} />
        <Older path={older ?? null} text={words.order.older} />
      </LiveRegion>
    ),
  });
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

function Unmatched({ slips, count, viewer }: { slips: readonly NamedSlip[]; count: number; viewer: Viewer }) {
  if (slips.length === 0) return null;
  const { order, evidence } = viewer.words;
  return (
    <section aria-labelledby="unmatched">
      <h2 id="unmatched">
        {order.unmatched} ({count})
      </h2>
      <p class="muted lead-in">{order.unmatchedLead}</p>
      <UnmatchedRows slips={slips} viewer={viewer} />
      <Older path={count > slips.length ? "/console/evidence" : null} text={evidence.allUnmatched(count)} />
    </section>
  );
}
