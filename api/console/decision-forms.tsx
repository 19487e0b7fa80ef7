import { randomUUID } from "node:crypto";
import type { Child } from "hono/jsx";

import { ownerMayCancel } from "../../domain/order/can-cancel.ts";
import { ownerMayFulfil } from "../../domain/order/can-fulfil.ts";
import { ownerMayRefund } from "../../domain/order/can-refund.ts";
import { amountRead } from "../../domain/payment/proof-reading.ts";
import { amountText } from "./amount-field.ts";
import type { Evidence, Order } from "./api-types.ts";
import type { Viewer } from "./console-env.ts";
import { Amount } from "./parts.tsx";

type Props = { order: Order; viewer: Viewer };

/** One form is one intention: its key makes a repeated click the same decision. */
function DecisionForm({
  order,
  verb,
  evidenceId,
  children,
}: {
  order: Order;
  verb: string;
  evidenceId?: string | undefined;
  children: Child;
}) {
  return (
    <form method="post" action={decisionPath(order, verb)} class="decision">
      <input type="hidden" name="key" value={randomUUID()} />
      {evidenceId === undefined ? null : <input type="hidden" name="evidenceId" value={evidenceId} />}
      {children}
    </form>
  );
}

function decisionPath({ id }: Order, verb: string): string {
  return `/console/orders/${id}/${verb}`;
}

function may({ actor }: Viewer, scope: "orders.write" | "payments.approve"): boolean {
  return actor.scopes.has(scope);
}

/** About one slip: confirm it with the amount that arrived, refuse it, or ask for another. */
export function EvidenceDecisions({ order, evidence, viewer }: Props & { evidence: Evidence }) {
  if (evidence.state !== "undecided" || !may(viewer, "payments.approve")) return null;
  const { decide } = viewer.words;
  const { id } = evidence;
  const { currency } = order.total;
  const read = amountRead(evidence.reading, currency);
  return (
    <div class="decisions">
      <DecisionForm order={order} verb="confirm-payment" evidenceId={id}>
        <AmountField
          id={`${id}-amount`}
          label={`${decide.amountReceived} (${currency})`}
          value={read === null ? "" : amountText({ amountMinor: read, currency })}
        />
        <label for={`${id}-reference`}>{decide.reference}</label>
        <input id={`${id}-reference`} name="reference" maxLength={100} autocomplete="off" />
        <button class="primary">{decide.confirm}</button>
        <p class="help">{decide.confirmHelp}</p>
      </DecisionForm>
      <details id={`${id}-refuse`}>
        <summary>
          {decide.refuse} · {decide.askAgain}
        </summary>
        <DecisionForm order={order} verb="refuse-payment" evidenceId={id}>
          <TextField id={`${id}-reason`} name="reason" label={decide.reason} viewer={viewer} />
          <div class="buttons">
            <button formaction={decisionPath(order, "request-evidence-again")}>{decide.askAgain}</button>
            <button class="danger">{decide.refuse}</button>
          </div>
        </DecisionForm>
      </details>
    </div>
  );
}

/** What comes next for the order, as one button each. */
export function NextDecisions({ order, viewer }: Props) {
  const { decide } = viewer.words;
  const { fulfilmentState, paymentKind, phase } = order;
  const mayWrite = may(viewer, "orders.write");
  const mayMoveTo = (to: Order["fulfilmentState"]) => mayWrite && mayFulfil(order, to);
  const forms = [
    mayWrite && phase === "awaiting_acceptance" ? (
      <PlainDecision order={order} verb="accept-cash-on-delivery" text={decide.acceptCod} />
    ) : null,
    mayMoveTo("packed") ? <PlainDecision order={order} verb="pack" text={decide.pack} /> : null,
    mayMoveTo("shipped") ? (
      <DecisionForm order={order} verb="ship">
        <label for="tracking">
          {decide.tracking} <span class="muted">({decide.optional})</span>
        </label>
        <input id="tracking" name="tracking" maxLength={200} autocomplete="off" />
        <button class={fulfilmentState === "packed" ? "primary" : undefined}>{decide.ship}</button>
      </DecisionForm>
    ) : null,
    mayMoveTo("delivered") ? (
      <PlainDecision
        order={order}
        verb="deliver"
        text={paymentKind === "cod" ? decide.deliverCod : decide.deliver}
      />
    ) : null,
    order.refundOwed.amountMinor > 0 && may(viewer, "payments.approve") ? (
      <RefundDecision order={order} viewer={viewer} />
    ) : null,
  ].filter((form) => form !== null);
  return forms.length === 0 ? null : <div class="decisions">{forms}</div>;
}

function mayFulfil(order: Order, to: Order["fulfilmentState"]): boolean {
  const { orderState, paymentState: payment, fulfilmentState: from, isCodAccepted } = order;
  return ownerMayFulfil({ order: orderState, payment, isCodAccepted, from, to });
}

export function hasNextDecision(order: Order, viewer: Viewer): boolean {
  return NextDecisions({ order, viewer }) !== null;
}

/** What is rarely wanted, one step away. */
export function OtherDecisions({ order, viewer }: Props) {
  const { words } = viewer;
  const { orderState: state, fulfilmentState: fulfilment } = order;
  const mayCancel = may(viewer, "orders.write") && ownerMayCancel({ order: state, fulfilment });
  const mayRecord =
    may(viewer, "payments.approve") &&
    state === "placed" &&
    order.paymentKind === "transfer" &&
    order.balance.amountMinor > 0;
  const mayRefund =
    may(viewer, "payments.approve") && order.refundOwed.amountMinor === 0 && mayGiveBack(order);
  if (!mayCancel && !mayRecord && !mayRefund) return null;
  return (
    <section aria-labelledby="other-decisions">
      <h2 id="other-decisions">{words.order.otherDecisions}</h2>
      {mayRecord ? (
        <details id="record">
          <summary>{words.decide.confirmWithoutSlip}</summary>
          <DecisionForm order={order} verb="confirm-payment">
            <AmountField
              id="record-amount"
              label={`${words.decide.amountReceived} (${order.balance.currency})`}
              value={amountText(order.balance)}
            />
            <label for="record-reference">
              {words.evidence.reference} <span class="muted">({words.decide.optional})</span>
            </label>
            <input id="record-reference" name="reference" maxLength={100} autocomplete="off" />
            <button>{words.decide.confirmWithoutSlip}</button>
          </DecisionForm>
        </details>
      ) : null}
      {mayRefund ? (
        <details id="refund">
          <summary>{words.decide.refund}</summary>
          <RefundDecision order={order} viewer={viewer} />
        </details>
      ) : null}
      {mayCancel ? (
        <details id="cancel">
          <summary>{words.decide.cancel}</summary>
          <DecisionForm order={order} verb="cancel">
            <TextField id="cancel-reason" name="reason" label={words.decide.reason} viewer={viewer} />
            <button class="danger">{words.decide.cancel}</button>
            {fulfilment === "shipped" ? <p class="help">{words.decide.cancelShippedHelp}</p> : null}
          </DecisionForm>
        </details>
      ) : null}
    </section>
  );
}

/** Whether there is any money left to give back. */
function mayGiveBack({ orderState: order, received, refunded }: Order): boolean {
  const ledger = { receivedMinor: received.amountMinor, refundedMinor: refunded.amountMinor };
  return ownerMayRefund({ order, ...ledger, amountMinor: 1 });
}

function PlainDecision({ order, verb, text }: { order: Order; verb: string; text: string }) {
  return (
    <DecisionForm order={order} verb={verb}>
      <button class="primary">{text}</button>
    </DecisionForm>
  );
}

function RefundDecision({ order, viewer }: Props) {
  const { words } = viewer;
  const { refundOwed } = order;
  return (
    <DecisionForm order={order} verb="refund">
      {refundOwed.amountMinor > 0 ? (
        <p>
          {words.order.refundOwed}: <Amount money={refundOwed} />
        </p>
      ) : null}
      <p class="help">{words.decide.refundHelp}</p>
      <AmountField
        id="refund-amount"
        label={`${words.decide.amountRefunded} (${refundOwed.currency})`}
        value={refundOwed.amountMinor > 0 ? amountText(refundOwed) : ""}
      />
      <button class={refundOwed.amountMinor > 0 ? "primary" : undefined}>{words.decide.refund}</button>
      {refundOwed.amountMinor > 0 && order.orderState !== "cancelled" ? (
        <button name="as" value="credit">
          {words.decide.keepAsCredit}
        </button>
      ) : null}
    </DecisionForm>
  );
}

export function AmountField({ id, label, value }: { id: string; label: string; value: string }) {
  return (
    <>
      <label for={id}>{label}</label>
      <input id={id} name="amount" value={value} inputMode="decimal" autocomplete="off" required />
    </>
  );
}

export function TextField({
  id,
  name,
  label,
  viewer,
}: {
  id: string;
  name: string;
  label: string;
  viewer: Viewer;
}) {
  return (
    <>
      <label for={id}>
        {label} <span class="muted">({viewer.words.decide.optional})</span>
      </label>
      <textarea id={id} name={name} rows={2} maxLength={1000}></textarea>
    </>
  );
}
