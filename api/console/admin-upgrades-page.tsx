import { randomUUID } from "node:crypto";
import type { Child } from "hono/jsx";

import { toTypeId } from "../../domain/id.ts";
import { UpgradeStateSchema } from "../v1/upgrade.schema.ts";
import { QueueRow, adminPlace, showQueue } from "./admin-queue.tsx";
import type { AdminPlace } from "./admin-queue.tsx";
import type { UpgradeCase, UpgradeEvidence, UpgradeQueue } from "./api-types.ts";
import { callApi } from "./call-api.ts";
import type { ConsoleContext } from "./console-env.ts";
import { consolePicture } from "./evidence-view.tsx";
import { showAdminPage } from "./layout.tsx";
import { Amount, Chip, Facts, Said, Time } from "./parts.tsx";
import { upgradeTone } from "./upgrade-tone.ts";

type Summary = UpgradeQueue["data"][number];

/** Who waits for a decision, longest first; other states by the address. */
export function showUpgradeQueue(c: ConsoleContext): Promise<Response> {
  const { admin, upgradeState } = c.var.visitor.words;
  const state = UpgradeStateSchema.safeParse(c.req.query("state")).data ?? "submitted";
  return showQueue<typeof state, Summary>(c, {
    section: "upgrades",
    title: admin.queue,
    path: "/admin/upgrade-requests",
    by: "state",
    states: UpgradeStateSchema.options,
    shown: state,
    names: upgradeState,
    empty: state === "submitted" ? admin.queueEmpty : admin.noneInState,
    row: (item, viewer) => (
      <QueueRow
        href={`/console/admin/upgrades/${item.id}`}
        end={<Amount money={item.price} />}
        since={<Time at={item.submittedAt ?? item.createdAt} viewer={viewer} />}
      >
        <strong>{item.planCode ?? item.topUpCode}</strong> <Chips item={item} viewer={viewer} />
      </QueueRow>
    ),
  });
}

function Chips({ item, viewer }: { item: Summary; viewer: AdminPlace }) {
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
  const viewer = adminPlace(c);
  const { words, actor } = viewer;
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
        {hasApproved(item, viewer) ? <p class="caution">{words.admin.youApproved}</p> : null}
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

/** The first of two, whose second approval would be none. */
function hasApproved({ state, firstApprovedBy }: UpgradeCase, { actor }: AdminPlace): boolean {
  return (
    state === "submitted" &&
    firstApprovedBy !== null &&
    actor.accountId !== null &&
    firstApprovedBy === toTypeId("acc", actor.accountId)
  );
}

function factsOf(item: UpgradeCase, viewer: AdminPlace): (readonly [string, Child])[] {
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
    [
      item.state === "submitted" ? words.admin.submitted : words.admin.handedIn,
      item.submittedAt && <Time at={item.submittedAt} viewer={viewer} />,
    ],
    [words.plan.lapses, item.lapsesAt && <Time at={item.lapsesAt} viewer={viewer} />],
    [words.admin.firstApprovedBy, item.firstApprovedBy && <code>{item.firstApprovedBy}</code>],
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
  viewer: AdminPlace;
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
  viewer: AdminPlace;
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
      {hasApproved(item, viewer) ? null : (
        <form method="post" action={action("approve")} class="decision">
          {hidden}
          <label for="reference">{admin.typeReference}</label>
          <input id="reference" name="reference" maxLength={100} required autocomplete="off" />
          <button class="primary">{admin.approve}</button>
        </form>
      )}
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
