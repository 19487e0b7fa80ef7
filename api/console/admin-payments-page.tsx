import { randomUUID } from "node:crypto";
import type { Child } from "hono/jsx";

import { reversalKinds, waitingReversals } from "../../domain/subscription/reversal.ts";
import type { PlanPayment, PlanPaymentCase, PlanPaymentPage } from "./api-types.ts";
import { callApi } from "./call-api.ts";
import type { ConsoleContext, Visitor } from "./console-env.ts";
import { platformTimeZone, showAdminPage } from "./layout.tsx";
import { Amount, Chip, Facts, Older, Said, Time } from "./parts.tsx";

type Place = Visitor & { shop: { timeZone: string } };

const page = "/console/admin/plan-payments";

function placeOf(c: ConsoleContext): Place {
  return { ...c.var.visitor, shop: { timeZone: platformTimeZone } };
}

/** What shops have paid, newest first; by the tabs what waits for another admin, or for its transfer back. */
export async function showPlanPayments(c: ConsoleContext): Promise<Response> {
  const viewer = placeOf(c);
  const { words } = viewer;
  const cursor = c.req.query("cursor");
  const waiting = waitingReversals.find((known) => known === c.req.query("waiting"));
  const filter = waiting === undefined ? "" : `&waiting=${waiting}`;
  const more = cursor === undefined ? "" : `&cursor=${encodeURIComponent(cursor)}`;
  const path = `/admin/plan-payments?limit=20${filter}${more}`;
  const { data, nextCursor } = await callApi<PlanPaymentPage>(c, { method: "GET", path });
  return showAdminPage(c, {
    title: words.admin.payments,
    section: "plan-payments",
    children: (
      <>
        <h1>{words.admin.payments}</h1>
        <nav class="tabs" aria-label={words.order.boards}>
          {[undefined, ...waitingReversals].map((option) => (
            <a
              href={option === undefined ? page : `${page}?waiting=${option}`}
              aria-current={option === waiting ? "page" : undefined}
            >
              <span>
                {option === undefined ? words.admin.allPayments : words.admin.waitingReversals[option]}
              </span>
            </a>
          ))}
        </nav>
        {data.length === 0 ? <p class="empty">{words.admin.noPayments}</p> : null}
        <ul class="rows">
          {data.map((payment) => (
            <li>
              <a class="row" href={`${page}/${payment.id}`}>
                <span class="row-main">
                  <strong>{payment.planCode ?? payment.topUpCode}</strong>{" "}
                  <Reversal payment={payment} viewer={viewer} />
                </span>
                <span class="row-end">
                  <Amount money={payment.amount} />
                </span>
                <span class="row-end muted">
                  <Time at={payment.paidAt} viewer={viewer} />
                </span>
              </a>
            </li>
          ))}
        </ul>
        <Older
          path={nextCursor && `${page}?cursor=${encodeURIComponent(nextCursor)}${filter}`}
          text={words.order.older}
        />
      </>
    ),
  });
}

function Reversal({ payment, viewer }: { payment: PlanPayment; viewer: Place }) {
  if (payment.reversal === null) return null;
  const { state } = payment.reversal;
  return <Chip tone={state === "done" ? "bad" : "act"}>{viewer.words.admin.reversalState[state]}</Chip>;
}

/** One payment, and the form that takes it back: one form is one intention, so a repeated click is the same decision. */
export async function showPlanPayment(c: ConsoleContext, paymentId: string): Promise<Response> {
  const viewer = placeOf(c);
  const { admin } = viewer.words;
  const path = `/admin/plan-payments/${encodeURIComponent(paymentId)}`;
  const payment = await callApi<PlanPaymentCase>(c, { method: "GET", path });
  const mayReverse = viewer.actor.scopes.has("planPayments.reverse");
  return showAdminPage(c, {
    title: admin.payments,
    section: "plan-payments",
    children: (
      <>
        <p class="back">
          <a href={page}>← {admin.payments}</a>
        </p>
        <h1>{payment.planCode ?? payment.topUpCode}</h1>
        <p>
          <Reversal payment={payment} viewer={viewer} />
        </p>
        <Facts rows={factsOf(payment, viewer)} />
        {mayReverse ? <Decisions payment={payment} viewer={viewer} /> : null}
      </>
    ),
  });
}

function factsOf(payment: PlanPaymentCase, viewer: Place): (readonly [string, Child])[] {
  const { admin, subscriptionState } = viewer.words;
  const { subscription, reversal } = payment;
  return [
    [admin.price, <Amount money={payment.amount} />],
    [admin.paid, <Time at={payment.paidAt} viewer={viewer} />],
    [admin.paidBy, <code>{payment.paidBy}</code>],
    [admin.shop, <code>{payment.shopId}</code>],
    [
      admin.now,
      <>
        {subscription.planCode} · {subscriptionState[subscription.state]} ·{" "}
        <Time at={subscription.endsAt} viewer={viewer} />
      </>,
    ],
    [admin.reversal, reversal && admin.reversalKind[reversal.kind]],
    [admin.proposedBy, reversal && <code>{reversal.proposedBy}</code>],
    [admin.decidedBy, reversal?.approvedBy && <code>{reversal.approvedBy}</code>],
    [viewer.words.plan.reason, payment.reason && <Said text={payment.reason} />],
    [admin.goesBackBy, reversal?.refund && admin.refundWay[reversal.refund.way]],
    [admin.isBack, reversal?.refund?.doneAt && <Time at={reversal.refund.doneAt} viewer={viewer} />],
    [admin.reference, payment.refundReference && <Said text={payment.refundReference} />],
  ];
}

type Props = { payment: PlanPaymentCase; viewer: Place };

/** What there is to say of it now. */
function Decisions(props: Props) {
  const { reversal } = props.payment;
  if (reversal === null) return <ReverseForm {...props} />;
  if (reversal.state === "proposed") return <ProposalForms {...props} />;
  return reversal.refund?.way === "transfer" && reversal.refund.doneAt === null ? (
    <RefundForm {...props} />
  ) : null;
}

function Key() {
  return <input type="hidden" name="key" value={randomUUID()} />;
}

/** Another admin says the same, with the reason that stands there; or it was a mistake. */
function ProposalForms({ payment, viewer }: Props) {
  const { admin } = viewer.words;
  return (
    <div class="decisions">
      <form method="post" action={`${page}/${payment.id}/reverse`} class="decision">
        <Key />
        <input type="hidden" name="kind" value={payment.reversal?.kind} />
        <input type="hidden" name="reason" value={payment.reason ?? ""} />
        <p class="muted">{admin.reverseHelp}</p>
        <button class="danger">{admin.reverseToo}</button>
      </form>
      <form method="post" action={`${page}/${payment.id}/withdraw-reversal`} class="decision">
        <Key />
        <button>{admin.withdrawReversal}</button>
      </form>
    </div>
  );
}

function RefundForm({ payment, viewer }: Props) {
  const { admin } = viewer.words;
  return (
    <form method="post" action={`${page}/${payment.id}/record-refund`} class="decision">
      <Key />
      <p class="muted">{admin.recordRefundHelp}</p>
      <label for="reference">{admin.reference}</label>
      <input id="reference" name="reference" maxLength={100} required autocomplete="off" />
      <button class="primary">{admin.recordRefund}</button>
    </form>
  );
}

function ReverseForm({ payment, viewer }: Props) {
  const { admin } = viewer.words;
  return (
    <details>
      <summary>{admin.reverse}</summary>
      <form method="post" action={`${page}/${payment.id}/reverse`} class="decision">
        <Key />
        <p class="muted">{admin.reverseHelp}</p>
        <label for="kind">{admin.reversal}</label>
        <select id="kind" name="kind">
          {reversalKinds.map((kind) => (
            <option value={kind}>{admin.reversalKind[kind]}</option>
          ))}
        </select>
        <label for="reason">{admin.reverseReason}</label>
        <textarea id="reason" name="reason" maxLength={1_000} required></textarea>
        <button class="danger">{admin.reverse}</button>
      </form>
    </details>
  );
}
