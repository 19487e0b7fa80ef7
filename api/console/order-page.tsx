import type { Evidence, Order, PaymentMethod, PaymentMethodPage } from "./api-types.ts";
import { callApi } from "./call-api.ts";
import type { ConsoleContext, Viewer } from "./console-env.ts";
import { EvidenceDecisions, NextDecisions, OtherDecisions, hasNextDecision } from "./decision-forms.tsx";
import { EvidenceView } from "./evidence-view.tsx";
import { showPage } from "./layout.tsx";
import { OrderStory } from "./order-story.tsx";
import { OrderChips, orderTitle } from "./order-words.tsx";
import { Amount, Facts, LiveRegion, Said, Time } from "./parts.tsx";
import { VerdictChip } from "./verdict-chip.tsx";

type Props = { order: Order; viewer: Viewer };

export async function showOrder(c: ConsoleContext, orderId: string): Promise<Response> {
  const { viewer } = c.var;
  const { words } = viewer;
  const order = await callApi<Order>(c, { method: "GET", path: `/orders/${encodeURIComponent(orderId)}` });
  const waiting = order.evidence.filter(({ state }) => state === "undecided");
  const slips = await Promise.all(waiting.map(({ id }) => readEvidence(c, id)));
  const methods = slips.length === 0 ? [] : await listMethods(c);
  const method = methods.find(({ id }) => id === order.paymentMethod.id);
  return showPage(c, {
    title: orderTitle(order, viewer),
    section: "orders",
    children: (
      <LiveRegion id="content" c={c} names={[order.id]}>
        <p class="back">
          <a href="/console/orders">← {words.order.backToOrders}</a>
        </p>
        <OrderHead order={order} viewer={viewer} />
        {slips.map((evidence) => (
          <EvidenceView viewer={viewer} evidence={evidence} order={order} method={method}>
            <EvidenceDecisions order={order} evidence={evidence} viewer={viewer} />
          </EvidenceView>
        ))}
        <div class="columns">
          <div>
            {hasNextDecision(order, viewer) ? (
              <section aria-labelledby="decisions" class="card card-act">
                <h2 id="decisions">{words.order.decisions}</h2>
                <NextDecisions order={order} viewer={viewer} />
              </section>
            ) : null}
            <Items order={order} viewer={viewer} />
            <Contact order={order} viewer={viewer} />
            <Money order={order} viewer={viewer} />
          </div>
          <div>
            <OrderStory order={order} viewer={viewer} />
            <EarlierSlips order={order} viewer={viewer} />
            <OtherDecisions order={order} viewer={viewer} />
          </div>
        </div>
      </LiveRegion>
    ),
  });
}

export function readEvidence(c: ConsoleContext, id: string): Promise<Evidence> {
  return callApi<Evidence>(c, { method: "GET", path: `/payment-evidence/${encodeURIComponent(id)}` });
}

export async function listMethods(c: ConsoleContext): Promise<PaymentMethod[]> {
  return (await callApi<PaymentMethodPage>(c, { method: "GET", path: "/payment-methods?limit=100" })).data;
}

function OrderHead({ order, viewer }: Props) {
  const { words } = viewer;
  const time = (at: string | null) => (at === null ? null : <Time at={at} viewer={viewer} />);
  return (
    <header class="order-head">
      <h1>{orderTitle(order, viewer)}</h1>
      <OrderChips order={order} viewer={viewer} />
      <p class="lead">{words.standing[standingOf(order)]}</p>
      <Facts
        rows={[
          [words.order.placedAt, time(order.placedAt)],
          [words.order.reviewSince, time(order.reviewSince)],
          [
            words.order.paymentDueAt,
            order.phase === "awaiting_payment" && order.paymentState === "due"
              ? time(order.paymentDueAt)
              : null,
          ],
          [
            words.order.acceptDueAt,
            order.phase === "awaiting_acceptance" ? time(order.codAcceptDueAt) : null,
          ],
          [words.order.tracking, order.tracking === null ? null : <Said text={order.tracking} />],
        ]}
      />
      <p>
        <a href={`/console/conversations/${order.customerId}`}>{words.order.conversation} →</a>
      </p>
    </header>
  );
}

/** The phase in words; who has paid a part has not "not paid yet". */
function standingOf({ phase, paymentState }: Order): keyof Viewer["words"]["standing"] {
  return phase === "awaiting_payment" && paymentState === "part_paid" ? "part_paid" : phase;
}

function Items({ order, viewer }: Props) {
  const { words } = viewer;
  return (
    <section aria-labelledby="items">
      <h2 id="items">{words.order.items}</h2>
      <ul class="items">
        {order.lines.map((line) => (
          <li>
            <span>
              {line.quantity} × <Said text={line.productName} />
              {line.variantName === "" ? null : (
                <>
                  {" "}
                  (<Said text={line.variantName} />)
                </>
              )}
            </span>
            <Amount money={line.lineTotal} />
          </li>
        ))}
        {[
          [words.order.deliveryFee, order.deliveryFee] as const,
          [words.order.discount, order.discount] as const,
          [words.order.credit, order.credit] as const,
        ].map(([name, money]) =>
          money.amountMinor === 0 ? null : (
            <li class="muted">
              <span>{name}</span>
              <Amount money={money} />
            </li>
          ),
        )}
        <li class="total">
          <span>{words.order.total}</span>
          <Amount money={order.total} />
        </li>
      </ul>
    </section>
  );
}

function Contact({ order, viewer }: Props) {
  const { words } = viewer;
  const { contact } = order;
  const said = (text: string | null) => (text === null ? null : <Said text={text} />);
  return (
    <section aria-labelledby="contact">
      <h2 id="contact">{words.order.contact}</h2>
      {contact === null ? (
        <p class="muted">{words.order.contactErased}</p>
      ) : (
        <Facts
          rows={[
            [words.order.name, said(contact.name)],
            [
              words.order.phone,
              contact.phone === null ? null : (
                <a href={`tel:${contact.phone.replaceAll(/[^+\d]/g, "")}`}>
                  <Said text={contact.phone} />
                </a>
              ),
            ],
            [words.order.township, said(contact.township)],
            [words.order.address, said(contact.address)],
          ]}
        />
      )}
    </section>
  );
}

function Money({ order, viewer }: Props) {
  const { words } = viewer;
  const amount = (money: Order["total"]) => (money.amountMinor === 0 ? null : <Amount money={money} />);
  return (
    <section aria-labelledby="money">
      <h2 id="money">{words.order.payments}</h2>
      <Facts
        rows={[
          [words.order.paymentMethod, <Said text={order.paymentMethod.name} />],
          [words.order.received, <Amount money={order.received} />],
          [words.order.refunded, amount(order.refunded)],
          [words.order.balance, amount(order.balance)],
          [words.order.refundOwed, amount(order.refundOwed)],
        ]}
      />
      <ul class="ledger">
        {order.payments.map((entry) => (
          <li>
            <span>{words.entry[entry.kind]}</span>
            <Amount money={entry.amount} />
            <span class="muted">
              <Time at={entry.recordedAt} viewer={viewer} />
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function EarlierSlips({ order, viewer }: Props) {
  const { words } = viewer;
  const slips = order.evidence.filter(({ state }) => state !== "undecided");
  if (slips.length === 0) return null;
  return (
    <section aria-labelledby="earlier-slips">
      <h2 id="earlier-slips">{words.evidence.earlier}</h2>
      <ul class="rows">
        {slips.map((slip) => (
          <li>
            <a class="row" href={`/console/evidence/${slip.id}`}>
              <span class="row-main">{words.evidenceState[slip.state]}</span>
              <span class="row-end muted">
                <Time at={slip.receivedAt} viewer={viewer} />
              </span>
              <VerdictChip slip={slip} viewer={viewer} />
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}
