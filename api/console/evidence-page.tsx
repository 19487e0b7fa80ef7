import type { Order } from "./api-types.ts";
import { askApi, callApi } from "./call-api.ts";
import type { ConsoleContext } from "./console-env.ts";
import { customerName, readNames } from "./conversation-list-page.tsx";
import { EvidenceDecisions } from "./decision-forms.tsx";
import { EvidenceView } from "./evidence-view.tsx";
import { showPage } from "./layout.tsx";
import { listMethods, readEvidence } from "./order-page.tsx";
import { orderTitle } from "./order-words.tsx";
import { LiveRegion, Said } from "./parts.tsx";
import { SlipDecisions, listOrdersOfSlip } from "./slip-form.tsx";

/** One slip, large; of an order or without one. */
export async function showEvidence(c: ConsoleContext, evidenceId: string): Promise<Response> {
  const { viewer } = c.var;
  const { words } = viewer;
  const evidence = await readEvidence(c, evidenceId);
  const { orderId, customerId } = evidence;
  const order =
    orderId === null ? null : await callApi<Order>(c, { method: "GET", path: `/orders/${orderId}` });
  const methods = await listMethods(c);
  const method = methods.find(({ id }) => id === order?.paymentMethod.id);
  const orders = order === null ? await listOrdersOfSlip(c, evidence) : [];
  const names = order === null ? await readNames(c, [evidence]) : new Map<string, string>();
  return showPage(c, {
    title: words.evidence.title,
    section: "orders",
    children: (
      <LiveRegion id="content" c={c} names={orderId === null ? ["orders"] : [orderId]}>
        <p class="back">
          {order === null ? (
            <a href="/console/evidence">← {words.boards.unmatched}</a>
          ) : (
            <a href={`/console/orders/${order.id}`}>← {orderTitle(order, viewer)}</a>
          )}
        </p>
        <EvidenceView isWholePage viewer={viewer} evidence={evidence} order={order} method={method}>
          <p>
            {order === null ? (
              <>
                <Said text={customerName(names, customerId, viewer)} />
                {" · "}
              </>
            ) : null}
            <a href={`/console/conversations/${customerId}`}>{words.order.conversation} →</a>
          </p>
          {order === null ? (
            <SlipDecisions slip={evidence} orders={orders} methods={methods} viewer={viewer} />
          ) : (
            <EvidenceDecisions order={order} evidence={evidence} viewer={viewer} />
          )}
        </EvidenceView>
      </LiveRegion>
    ),
  });
}

/** The picture of a link that a page showed, for the shop that the page was about. */
export async function showPicture(c: ConsoleContext, objectId: string): Promise<Response> {
  const { search } = new URL(c.req.url);
  return askApi(c, { method: "GET", path: `/pictures/${encodeURIComponent(objectId)}${search}` });
}
