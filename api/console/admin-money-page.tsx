import { randomUUID } from "node:crypto";

import type { OwedMoneyPage } from "./api-types.ts";
import { callApi } from "./call-api.ts";
import type { ConsoleContext } from "./console-env.ts";
import { platformTimeZone, showAdminPage } from "./layout.tsx";
import { Amount, Chip, Older, Time } from "./parts.tsx";

/** What came by code and bought nothing, longest first. */
export async function showOwedMoney(c: ConsoleContext): Promise<Response> {
  const { words, actor } = c.var.visitor;
  const viewer = { ...c.var.visitor, shop: { timeZone: platformTimeZone } };
  const cursor = c.req.query("cursor");
  const more = cursor === undefined ? "" : `?cursor=${encodeURIComponent(cursor)}`;
  const page = await callApi<OwedMoneyPage>(c, { method: "GET", path: `/admin/upgrade-money${more}` });
  const next = page.nextCursor;
  const mayDecide = actor.scopes.has("upgrades.decide");
  return showAdminPage(c, {
    title: words.admin.money,
    section: "money",
    children: (
      <>
        <h1>{words.admin.money}</h1>
        <p class="muted lead-in">{words.admin.moneyHelp}</p>
        {page.data.length === 0 ? <p class="empty">{words.admin.moneyEmpty}</p> : null}
        <ul class="rows">
          {page.data.map((item) => (
            <li class="row">
              <span class="row-main">
                <a href={`/console/admin/upgrades/${item.upgradeRequestId}`}>
                  <code>{item.upgradeRequestId}</code>
                </a>
              </span>
              <span class="row-end">
                <Amount money={item.paid} />
              </span>
              <span class="row-end muted">
                {item.paidAt === null ? null : <Time at={item.paidAt} viewer={viewer} />}
              </span>
              {item.problem === null ? null : <Chip tone="bad">{words.admin.refundRefused}</Chip>}
              {item.state === "refunding" ? <Chip tone="wait">{words.admin.goesBack}</Chip> : null}
              {item.state === "paid" && mayDecide ? (
                <form method="post" action={`/console/admin/upgrades/${item.upgradeRequestId}/refund-money`}>
                  <input type="hidden" name="key" value={randomUUID()} />
                  <input type="hidden" name="paymentId" value={item.paymentId} />
                  <button>{words.admin.giveBack}</button>
                  {item.problem === null ? null : (
                    <button name="way" value="transfer">
                      {words.admin.gaveBack}
                    </button>
                  )}
                </form>
              ) : null}
            </li>
          ))}
        </ul>
        <Older
          path={next && `/console/admin/money?cursor=${encodeURIComponent(next)}`}
          text={words.order.older}
        />
      </>
    ),
  });
}
