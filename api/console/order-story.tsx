import { formatMoney, isCurrency } from "../../domain/money.ts";
import type { Order } from "./api-types.ts";
import type { Viewer } from "./console-env.ts";
import { Said, Time } from "./parts.tsx";
import { wordFor } from "./words.ts";

type Event = Order["events"][number];

/** What happened to the order, oldest first, one sentence a step. */
export function OrderStory({ order, viewer }: { order: Order; viewer: Viewer }) {
  const { words } = viewer;
  return (
    <section aria-labelledby="story">
      <h2 id="story">{words.order.story}</h2>
      <ol class="story">
        {order.events.map((event) => (
          <li class={`by-${event.actor.kind}`}>
            <p>
              <strong>{wordFor(words.events, event.type)}</strong>
              <Detail event={event} order={order} viewer={viewer} />
            </p>
            <p class="muted">
              <Time at={event.at} viewer={viewer} /> · {words.by[event.actor.kind]}
            </p>
            {event.note === null ? null : (
              <blockquote>
                <Said text={event.note} />
              </blockquote>
            )}
          </li>
        ))}
      </ol>
    </section>
  );
}

/** Events carry amounts and codes; their currency is the order's. */
function Detail({ event, order, viewer }: { event: Event; order: Order; viewer: Viewer }) {
  const { amountMinor, totalMinor, verdict } = event.data;
  const amount = amountMinor ?? totalMinor;
  const { currency } = order.total;
  if (typeof amount === "number" && isCurrency(currency)) {
    return (
      <>
        {": "}
        <span class="amount">{formatMoney({ amountMinor: amount, currency })}</span>
      </>
    );
  }
  if (typeof verdict === "string") return <>{`: ${wordFor(viewer.words.verdict, verdict)}`}</>;
  return null;
}
