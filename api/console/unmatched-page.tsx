import type { EvidencePage, EvidenceSummary } from "./api-types.ts";
import { BoardTabs, readTabCounts } from "./board-tabs.tsx";
import { callApi } from "./call-api.ts";
import type { ConsoleContext, Viewer } from "./console-env.ts";
import { customerName, readNames } from "./conversation-list-page.tsx";
import { showPage } from "./layout.tsx";
import { LiveRegion, Older, Said, Time } from "./parts.tsx";

/** All slips that belong to no order, newest first. */
export async function showUnmatched(c: ConsoleContext): Promise<Response> {
  const { viewer } = c.var;
  const { words } = viewer;
  const counts = await readTabCounts(c);
  const { slips, nextCursor } = await readUnmatched(c, { limit: 25, cursor: c.req.query("cursor") });
  const older = nextCursor && `/console/evidence?cursor=${encodeURIComponent(nextCursor)}`;
  return showPage(c, {
    title: words.boards.unmatched,
    section: "orders",
    children: (
      <LiveRegion id="content" c={c} names={["orders"]}>
        <h1>{words.nav.orders}</h1>
        <BoardTabs viewer={viewer} current="unmatched" counts={counts} />
        {slips.length === 0 ? (
          <p class="empty">{words.boardEmpty.unmatched}</p>
        ) : (
          <>
            <p class="muted lead-in">{words.order.unmatchedLead}</p>
            <UnmatchedRows slips={slips} viewer={viewer} />
          </>
        )}
        <Older path={older} text={words.evidence.older} />
      </LiveRegion>
    ),
  });
}

export type NamedSlip = EvidenceSummary & { customerName: string };

/** With the names of who sent them, which is written into the audit log as one viewing. */
export async function readUnmatched(
  c: ConsoleContext,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<{ slips: NamedSlip[]; nextCursor: string | null }> {
  const query = new URLSearchParams({ state: "unmatched", limit: String(limit) });
  if (cursor !== undefined) query.set("cursor", cursor);
  const path = `/payment-evidence?${query.toString()}`;
  const { data, nextCursor } = await callApi<EvidencePage>(c, { method: "GET", path });
  const names = await readNames(c, data);
  const slips = data.map((slip) => ({
    ...slip,
    customerName: customerName(names, slip.customerId, c.var.viewer),
  }));
  return { slips, nextCursor };
}

export function UnmatchedRows({ slips, viewer }: { slips: readonly NamedSlip[]; viewer: Viewer }) {
  return (
    <ul class="rows">
      {slips.map((slip) => (
        <li>
          <a class="row" href={`/console/evidence/${slip.id}`}>
            <span class="row-main">
              <Said text={slip.customerName} />
            </span>
            <span class="row-end muted">
              <Time at={slip.receivedAt} viewer={viewer} />
            </span>
            <span class="row-note">{viewer.words.evidence.open}</span>
          </a>
        </li>
      ))}
    </ul>
  );
}
