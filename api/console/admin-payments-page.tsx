import { randomUUID } from "node:crypto";
import type { Child } from "hono/jsx";

import { reversalKinds } from "../../domain/subscription/reversal.ts";
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

/** What shops have paid for plans, newest first. */
export async function showPlanPayments(c: ConsoleContext): Promise<Response> {
  const viewer = placeOf(c);
  const { words } = viewer;
  const cursor = c.req.query("cursor");
  const more = cursor === undefined ? "" : `?cursor=${encodeURIComponent(cursor)}`;
  const path = `/admin/plan-payments${more}`;
  const { data, nextCursor } = await callApi<PlanPaymentPage>(c, { method: "GET", path });
  return showAdminPage(c, {
    title: words.admin.payments,
    section: "plan-payments",
    children: (
      <>
        <h1>{words.admin.payments}</h1>
        {data.length === 0 ? <p class="empty">{words.admin.noPayments}</p> : null}
        <ul class="rows">
          {data.map((payment) => (
            <li>
              <a class="row" href={`${page}/${payment.id}`}>
                <span class="row-main">
                  <strong>{payment.planCode}</strong> <Reversal payment={payment} viewer={viewer} />
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
          path={nextCursor && `${page}?cursor=${encodeURIComponent(nextCursor)}`}
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
  const mayReverse = viewer.actor.scopes.has("planPayments.reverse") && payment.reversal?.state !== "done";
  return showAdminPage(c, {
    title: admin.payments,
    section: "plan-payments",
    children: (
      <>
        <p class="back">
          <a href={page}>← {admin.payments}</a>
        </p>
        <h1>{payment.planCode}</h1>
        <p>
          <Reversal payment={payment} viewer={viewer} />
        </p>
        <Facts rows={factsOf(payment, viewer)} />
        {mayReverse ? <ReverseForm payment={payment} viewer={viewer} /> : null}
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
  ];
}

function ReverseForm({ payment, viewer }: { payment: PlanPaymentCase; viewer: Place }) {
  const { admin } = viewer.words;
  return (
    <details>
      <summary>{admin.reverse}</summary>
      <form method="post" action={`${page}/${payment.id}/reverse`} class="decision">
        <input type="hidden" name="key" value={randomUUID()} />
        <p class="muted">{admin.reverseHelp}</p>
        <label for="kind">{admin.reversal}</label>
        <select id="kind" name="kind">
          {reversalKinds.map((kind) => (
            <option value={kind} selected={kind === payment.reversal?.kind}>
              {admin.reversalKind[kind]}
            </option>
          ))}
        </select>
        <label for="reason">{admin.reverseReason}</label>
        <textarea id="reason" name="reason" maxLength={1_000} required></textarea>
        <button class="danger">{admin.reverse}</button>
      </form>
    </details>
  );
}
