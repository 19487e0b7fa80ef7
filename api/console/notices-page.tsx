import type { Hono } from "hono";

import { listNotices } from "../../db/owner-notices-queries.ts";
import type { NoticeRow } from "../../db/owner-notices-queries.ts";
import { hasOwnPage, pageOfNotice } from "../../domain/account/notice-topics.ts";
import { fromTypeId, toTypeId } from "../../domain/id.ts";
import type { NoticeId } from "../../domain/id.ts";
import { noticeFacts, noticeText } from "../../domain/order/notice-texts.ts";
import type { NoticeKind } from "../../domain/order/notice-texts.ts";
import { seenBy } from "../v1/notices.ts";
import { callApi } from "./call-api.ts";
import type { ConsoleContext, ConsoleEnv, Viewer } from "./console-env.ts";
import { readForm } from "./form.ts";
import { showPage } from "./layout.tsx";
import { Chip, LiveRegion, Older, Time } from "./parts.tsx";

const page = "/console/notices";
const pageSize = 30;

export function mountNotices(app: Hono<ConsoleEnv>): void {
  app.get("/notices", (c) => showNotices(c));
  /** Following a notice has read it. */
  app.post("/notices/:noticeId/read", async (c) => {
    const id = encodeURIComponent(c.req.param("noticeId"));
    const form = await readForm(c);
    const notice = await callApi<Target>(c, {
      method: "POST",
      path: `/notices/${id}/read`,
    });
    return c.redirect(form.optional("open") === "true" ? targetOf(notice, c.var.viewer) : page, 303);
  });
}

type Target = { kind: NoticeKind; orderId: string | null; customerId: string | null };

/** Where there is more to read. */
function targetOf({ kind, orderId, customerId }: Target, { actor }: Viewer): string {
  if (orderId !== null) return `/console/orders/${orderId}`;
  if (customerId !== null && !hasOwnPage(kind)) return `/console/conversations/${customerId}`;
  return pageOfNotice(kind, actor.scopes);
}

async function showNotices(c: ConsoleContext): Promise<Response> {
  const { deps, viewer } = c.var;
  const { words } = viewer;
  const { actor } = viewer;
  const before = fromTypeId<NoticeId>("ntc", c.req.query("before") ?? "");
  const filter = {
    ...seenBy(actor),
    isUnreadOnly: false,
    limit: pageSize + 1,
    ...(before === undefined ? {} : { before }),
  };
  const found = await deps.db.withShop(actor.shopId, (trx) => listNotices(trx, filter));
  const rows = found.slice(0, pageSize);
  const last = found.length > pageSize ? rows.at(-1) : undefined;
  return showPage(c, {
    title: words.notices.title,
    section: "notices",
    children: (
      <LiveRegion id="content" c={c} names={["notices"]}>
        <h1>{words.notices.title}</h1>
        {rows.length === 0 ? <p class="empty">{words.notices.empty}</p> : null}
        <ul class="notices">
          {rows.map((row) => (
            <NoticeItem row={row} viewer={viewer} />
          ))}
        </ul>
        <Older
          path={last === undefined ? null : `/console/notices?before=${toTypeId("ntc", last.id)}`}
          text={words.notices.older}
        />
      </LiveRegion>
    ),
  });
}

function NoticeItem({ row, viewer }: { row: NoticeRow; viewer: Viewer }) {
  const { words, language } = viewer;
  const { title, body } = noticeText(row.kind, noticeFacts(row.data), language);
  const isNew = row.read_at === null;
  return (
    <li class={isNew ? "notice notice-new" : "notice"}>
      <div>
        <p>
          <strong>{title}</strong> {isNew ? <Chip tone="act">{words.notices.isNew}</Chip> : null}
        </p>
        <p>{body}</p>
        <p class="muted small">
          <Time at={row.created_at.toISOString()} viewer={viewer} />
        </p>
      </div>
      <form method="post" action={`/console/notices/${toTypeId("ntc", row.id)}/read`} class="buttons">
        <button name="open" value="true">
          {words.notices.open}
        </button>
        {isNew ? <button class="quiet">{words.notices.markRead}</button> : null}
      </form>
    </li>
  );
}
