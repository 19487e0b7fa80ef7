import { randomUUID } from "node:crypto";
import type { Child } from "hono/jsx";

import { UpgradeStateSchema } from "../v1/upgrade.schema.ts";
import type { UpgradeCase, UpgradeEvidence, UpgradeQueue } from "./api-types.ts";
import { callApi } from "./call-api.ts";
import type { ConsoleContext, Visitor } from "./console-env.ts";
import { consolePicture } from "./evidence-view.tsx";
import { platformTimeZone, showAdminPage } from "./layout.tsx";
import { Amount, Chip, Facts, Older, Said, Time } from "./parts.tsx";
import { upgradeTone } from "./plan-page.tsx";

type Place = Visitor & { shop: { timeZone: string } };
type Summary = UpgradeQueue["data"][number];

/** Who waits for a decision, longest first; other states by the address. */
export async function showUpgradeQueue(c: ConsoleContext): Promise<Response> {
  const { words } = c.var.visitor;
  const viewer: Place = { ...c.var.visitor, shop: { timeZone: platformTimeZone } };
  const state = UpgradeStateSchema.safeParse(c.req.query("state")).data ?? "submitted";
  const cursor = c.req.query("cursor");
  const more = cursor === undefined ? "" : `&cursor=${encodeURIComponent(cursor)}`;
  const queue = await callApi<UpgradeQueue>(c, {
    method: "GET",
    path: `/admin/upgrade-requests?state=${state}${more}`,
  });
  const next = queue.nextCursor;
  return showAdminPage(c, {
    title: words.admin.queue,
    section: "upgrades",
    children: (
      <>
        <h1>{words.admin.queue}</h1>
        <nav class="tabs" aria-label={words.order.boards}>
          {UpgradeStateSchema.options.map((option) => (
            <a
              href={`/console/admin/upgrades?state=${option}`}
              aria-current={option === state ? "page" : undefined}
            >
              <span>{words.upgradeState[option]}</span>
            </a>
          ))}
        </nav>
        {queue.data.length === 0 ? <p class="empty">{words.admin.queueEmpty}</p> : null}
        <ul class="rows">
          {queue.data.map((item) => (
            <QueueItem item={item} viewer={viewer} />
          ))}
        </ul>
        <Older
          path={next && `/console/admin/upgrades?state=${state}&cursor=${encodeURIComponent(next)}`}
          text={words.order.older}
        />
      </>
    ),
  });
}

function QueueItem({ item, viewer }: { item: Summary; viewer: Place }) {
  return (
    <li>
      <a class="row" href={`/console/admin/upgrades/${item.id}`}>
        <span class="row-main">
          <strong>{item.planCode ?? item.topUpCode}</strong> <Chips item={item} viewer={viewer} />
        </span>
        <span class="row-end">
          <Amount money={item.price} />
        </span>
        <span class="row-end muted">
          <Time at={item.submittedAt ?? item.createdAt} viewer={viewer} />
        </span>
      </a>
    </li>
  );
}

function Chips({ item, viewer }: { item: Summary; viewer: Place }) {
  const { words } = viewer;
  const isWaiting = item.state === "submitted";
  return (
    <>
      <Chip tone={upgradeTone(item.state)}>{words.upgradeState[item.state]}</Chip>
      {isWaiting && item.escalatedAt !== null ? <Chip tone="bad">{words.admin.escalated}</Chip> : null}
      {isWaiting && item.needsSecondApproval ? (
        <Chip tone="act">
          {item.firstApprovedBy === null ? words.admin.needsTwo : words.admin.firstApproved}
        </Chip>
      ) : null}
    </>
  );
}

/** One request. Its evidence is shown when it is asked for, since each look at it is written down. */
export async function showUpgradeCase(c: ConsoleContext, requestId: string): Promise<Response> {
  const { words, actor } = c.var.visitor;
  const viewer: Place = { ...c.var.visitor, shop: { timeZone: platformTimeZone } };
  const path = `/admin/upgrade-requests/${encodeURIComponent(requestId)}`;
  const item = await callApi<UpgradeCase>(c, { method: "GET", path });
  const mayDecide = actor.scopes.has("upgrades.decide");
  const isShown = mayDecide && item.evidenceId !== null && c.req.query("evidence") === "show";
  const evidence = isShown
    ? await callApi<UpgradeEvidence>(c, { method: "GET", path: `${path}/evidence` })
    : null;
  return showAdminPage(c, {
    title: words.admin.queue,
    section: "upgrades",
    children: (
      <>
        <p class="back">
          <a href="/console/admin/upgrades">← {words.admin.queue}</a>
        </p>
        <h1>{item.planCode ?? item.topUpCode}</h1>
        <p>
          <Chips item={item} viewer={viewer} />
        </p>
        <Facts rows={factsOf(item, viewer)} />
        {mayDecide && item.evidenceId !== null && evidence === null ? (
          <p>
            <a class="button" href={`/console/admin/upgrades/${item.id}?evidence=show`}>
              {words.admin.show}
            </a>
          </p>
        ) : null}
        {evidence === null ? null : <EvidenceOf item={item} evidence={evidence} viewer={viewer} />}
      </>
    ),
  });
}

function factsOf(item: UpgradeCase, viewer: Place): (readonly [string, Child])[] {
  const { words, language } = viewer;
  const { subscription } = item;
  return [
    [words.admin.price, <Amount money={item.price} />],
    [words.admin.shop, <code>{item.shopId}</code>],
    [
      words.admin.now,
      <>
        {subscription.planCode} · {words.subscriptionState[subscription.state]} ·{" "}
        <Time at={subscription.endsAt} viewer={{ language, shop: viewer.shop }} />
      </>,
    ],
    [words.admin.submitted, item.submittedAt && <Time at={item.submittedAt} viewer={viewer} />],
    [words.plan.lapses, item.lapsesAt && <Time at={item.lapsesAt} viewer={viewer} />],
    [words.admin.decidedBy, item.decidedBy && <code>{item.decidedBy}</code>],
    [words.admin.reference, item.referenceDiffers ? words.admin.referenceDiffers : null],
    [words.plan.reason, item.reason && <Said text={item.reason} />],
  ];
}

function EvidenceOf({
  item,
  evidence,
  viewer,
}: {
  item: UpgradeCase;
  evidence: UpgradeEvidence;
  viewer: Place;
}) {
  const { admin } = viewer.words;
  return (
    <section class="evidence" aria-labelledby="evidence">
      {evidence.picture === null ? null : (
        <figure class="slip">
          <img src={consolePicture(evidence.picture.url)} alt={admin.picture} />
        </figure>
      )}
      <div class="evidence-facts">
        <h2 id="evidence">{admin.picture}</h2>
        <Facts
          rows={[[admin.reference, evidence.reference === null ? null : <Said text={evidence.reference} />]]}
        />
        <p class="muted">{admin.shown}</p>
        {item.state === "submitted" ? <Decisions item={item} evidence={evidence} viewer={viewer} /> : null}
      </div>
    </section>
  );
}

/** One form is one intention: its key makes a repeated click the same decision. */
function Decisions({
  item,
  evidence,
  viewer,
}: {
  item: UpgradeCase;
  evidence: UpgradeEvidence;
  viewer: Place;
}) {
  const { admin } = viewer.words;
  const action = (verb: string) => `/console/admin/upgrades/${item.id}/${verb}`;
  const hidden = (
    <>
      <input type="hidden" name="key" value={randomUUID()} />
      <input type="hidden" name="evidenceId" value={evidence.evidenceId ?? ""} />
    </>
  );
  return (
    <div class="decisions">
      <form method="post" action={action("approve")} class="decision">
        {hidden}
        <label for="reference">{admin.typeReference}</label>
        <input id="reference" name="reference" maxLength={100} required autocomplete="off" />
        <button class="primary">{admin.approve}</button>
      </form>
      <details>
        <summary>
          {admin.reject} · {admin.askAgain}
        </summary>
        <form method="post" action={action("reject")} class="decision">
          {hidden}
          <label for="reason">{admin.reason}</label>
          <textarea id="reason" name="reason" maxLength={1_000} required></textarea>
          <div class="buttons">
            <button formaction={action("request-evidence-again")}>{admin.askAgain}</button>
            <button class="danger">{admin.reject}</button>
          </div>
        </form>
      </details>
    </div>
  );
}
