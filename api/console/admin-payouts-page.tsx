import { randomUUID } from "node:crypto";
import type { Child } from "hono/jsx";

import { payoutFailures } from "../../domain/payout/states.ts";
import { PayoutStateSchema } from "../v1/payouts.schema.ts";
import { QueueRow, adminPlace, showQueue } from "./admin-queue.tsx";
import type { AdminPlace } from "./admin-queue.tsx";
import type { PayoutCase, PayoutCaseSummary, PayoutDestination } from "./api-types.ts";
import { callApi } from "./call-api.ts";
import type { ConsoleContext } from "./console-env.ts";
import { consolePicture } from "./evidence-view.tsx";
import { showAdminPage } from "./layout.tsx";
import { Amount, Chip, Facts, Said, Time } from "./parts.tsx";
import { PayoutChip, PayoutLines } from "./payout-parts.tsx";
import { wordFor } from "./words.ts";

type Props = { item: PayoutCase; viewer: AdminPlace };
/** The picture that was uploaded before its maker had to prove who they are. */
type Kept = { kept: string | undefined };

const page = "/console/admin/payouts";

/** What waits for a maker, for an approver, or for the money to be sent; other states by the tabs. */
export function showPayoutQueue(c: ConsoleContext): Promise<Response> {
  const { payouts, payoutState } = c.var.visitor.words;
  const state = PayoutStateSchema.safeParse(c.req.query("state")).data ?? "tallied";
  return showQueue<typeof state, PayoutCaseSummary>(c, {
    section: "payouts",
    title: payouts.title,
    path: "/admin/payouts",
    by: "state",
    states: PayoutStateSchema.options,
    shown: state,
    names: payoutState,
    lead: payouts.waitsFor[state],
    empty: payouts.queueEmpty,
    row: (item, viewer) => (
      <QueueRow
        href={`${page}/${item.id}`}
        end={<Amount money={item.amount} />}
        since={<Time at={item.waitingSince} viewer={viewer} />}
      >
        <strong>{item.period}</strong> <Chips item={item} viewer={viewer} />
      </QueueRow>
    ),
  });
}

function Chips({ item, viewer }: { item: PayoutCaseSummary; viewer: AdminPlace }) {
  const { words } = viewer;
  const mark =
    item.escalatedAt !== null
      ? words.payouts.escalated
      : item.remindedAt !== null
        ? words.payouts.reminded
        : null;
  return (
    <>
      <PayoutChip state={item.state} names={words.payoutState} />
      {mark === null ? null : <Chip tone={item.escalatedAt === null ? "wait" : "bad"}>{mark}</Chip>}
    </>
  );
}

/** One payout. Where its money goes is shown when it is asked for, since each look at it is written down. */
export async function showPayoutCase(c: ConsoleContext, payoutId: string): Promise<Response> {
  const viewer = adminPlace(c);
  const { words, actor } = viewer;
  const path = `/admin/payouts/${encodeURIComponent(payoutId)}`;
  const item = await callApi<PayoutCase>(c, { method: "GET", path });
  const mayPay = actor.scopes.has("payouts.propose") && item.state === "executing";
  const account =
    mayPay && c.req.query("account") === "show"
      ? await callApi<PayoutDestination>(c, { method: "GET", path: `${path}/destination` })
      : null;
  return showAdminPage(c, {
    title: words.payouts.title,
    section: "payouts",
    children: (
      <>
        <p class="back">
          <a href={`${page}?state=${item.state}`}>← {words.payouts.title}</a>
        </p>
        <h1>
          {item.period} · <Amount money={item.amount} />
        </h1>
        <p>
          <Chips item={item} viewer={viewer} />
        </p>
        <p class="muted">{words.payouts.waitsFor[item.state]}</p>
        <Facts rows={factsOf(item, viewer)} />
        {mayPay && account === null ? (
          <p>
            <a class="button" href={`${page}/${item.id}?account=show`}>
              {words.payouts.showAccount}
            </a>
          </p>
        ) : null}
        {account === null ? null : <Destination account={account} viewer={viewer} />}
        <Decisions item={item} viewer={viewer} kept={c.req.query("evidence")} />
        {item.picture === null ? null : (
          <figure class="slip">
            <img src={consolePicture(item.picture.url)} alt={words.payouts.picture} />
          </figure>
        )}
        <PayoutLines lines={item.lines} viewer={viewer} />
        <Story item={item} viewer={viewer} />
      </>
    ),
  });
}

function factsOf(item: PayoutCase, viewer: AdminPlace): (readonly [string, Child])[] {
  const { words } = viewer;
  const { payouts } = words;
  return [
    [payouts.participant, <code>{item.participantId}</code>],
    [payouts.code, item.participant.code && <code>{item.participant.code}</code>],
    [payouts.waits, <Time at={item.waitingSince} viewer={viewer} />],
    [payouts.obstacle, item.obstacle && wordFor(words.payoutObstacle, item.obstacle)],
    [payouts.failure, item.failure && wordFor(words.payoutFailure, item.failure)],
    [payouts.attempt, item.attempt === 0 ? null : String(item.attempt)],
    [payouts.proposedBy, item.proposedBy && <code>{item.proposedBy}</code>],
    [payouts.approvedBy, item.approvedBy && <code>{item.approvedBy}</code>],
  ];
}

function Destination({ account, viewer }: { account: PayoutDestination; viewer: AdminPlace }) {
  const { words } = viewer;
  return (
    <section class="card" aria-labelledby="account">
      <h2 id="account">{words.payouts.account}</h2>
      <Facts
        rows={[
          [words.referral.kind, words.referral.accountKinds[account.kind]],
          [words.referral.bank, account.bank === "" ? null : <Said text={account.bank} />],
          [words.referral.accountNumber, <Said text={account.accountNumber} />],
          [words.referral.accountName, <Said text={account.accountName} />],
        ]}
      />
      <p class="muted">{words.payouts.shown}</p>
    </section>
  );
}

/** One form is one intention: its key makes a repeated click the same decision. */
function Decisions({ item, viewer, kept }: Props & Kept) {
  const { words, actor } = viewer;
  const { payouts } = words;
  const action = (verb: string) => `${page}/${item.id}/${verb}`;
  const key = () => <input type="hidden" name="key" value={randomUUID()} />;
  const isMaker = actor.scopes.has("payouts.propose");
  const isApprover = actor.scopes.has("payouts.approve");
  const { state } = item;
  return (
    <div class="decisions">
      {isMaker && (state === "tallied" || state === "failed") ? (
        <form method="post" action={action("propose")} class="decision">
          {key()}
          <button class="primary">{payouts.propose}</button>
        </form>
      ) : null}
      {isApprover && state === "proposed" ? (
        <form method="post" action={action("approve")} class="decision">
          {key()}
          <input type="hidden" name="accountVersion" value={String(item.accountVersion)} />
          <input type="hidden" name="proposedAt" value={item.proposedAt ?? ""} />
          <button class="primary">{payouts.approve}</button>
        </form>
      ) : null}
      {isMaker && state === "executing" ? <Outcome item={item} viewer={viewer} kept={kept} /> : null}
      {isMaker && state !== "executing" && state !== "paid" && state !== "cancelled" ? (
        <form method="post" action={action("cancel")} class="decision">
          {key()}
          <button class="danger">{payouts.cancel}</button>
        </form>
      ) : null}
    </div>
  );
}

function Outcome({ item, viewer, kept }: Props & Kept) {
  const { words } = viewer;
  const { payouts } = words;
  const hidden = () => (
    <>
      <input type="hidden" name="key" value={randomUUID()} />
      <input type="hidden" name="attempt" value={String(item.attempt)} />
    </>
  );
  return (
    <>
      <form
        method="post"
        action={`${page}/${item.id}/record-paid`}
        enctype="multipart/form-data"
        class="decision"
      >
        {hidden()}
        {kept === undefined ? null : (
          <>
            <input type="hidden" name="evidenceId" value={kept} />
            <p class="muted">{payouts.evidenceKept}</p>
          </>
        )}
        <label for="image">{payouts.evidence}</label>
        <input
          id="image"
          name="image"
          type="file"
          accept="image/jpeg,image/png,image/webp"
          required={kept === undefined}
        />
        <button class="primary">{payouts.recordPaid}</button>
      </form>
      <details>
        <summary>{payouts.recordFailed}</summary>
        <form method="post" action={`${page}/${item.id}/record-failed`} class="decision">
          {hidden()}
          <p class="muted">{payouts.failedHelp}</p>
          <label for="reason">{payouts.reason}</label>
          <select id="reason" name="reason">
            {payoutFailures.map((failure) => (
              <option value={failure}>{words.payoutFailure[failure]}</option>
            ))}
          </select>
          <button class="danger">{payouts.recordFailed}</button>
        </form>
      </details>
    </>
  );
}

function Story({ item, viewer }: Props) {
  const { words } = viewer;
  return (
    <section aria-labelledby="story">
      <h2 id="story">{words.payouts.story}</h2>
      <ul class="notices">
        {item.events.map(({ state, code, by, at }) => (
          <li class="notice">
            <p>
              {words.payoutState[state]}
              {code === null
                ? ""
                : ` (${wordFor({ ...words.payoutObstacle, ...words.payoutFailure }, code)})`}{" "}
              · {by === null ? words.payouts.process : <code>{by}</code>}
            </p>
            <p class="muted">
              <Time at={at} viewer={viewer} />
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}
