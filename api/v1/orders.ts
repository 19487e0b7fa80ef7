import { createRoute } from "@hono/zod-openapi";

import { findOrderDetail, listOrders } from "../../db/order-queries.ts";
import type { OrderDetail } from "../../db/order-queries.ts";
import type { OrderId } from "../../domain/id.ts";
import type { SealedPlace, Sealer } from "../../domain/sealing.ts";
import { problems } from "../problem.ts";
import { scoped } from "../route.ts";
import { createRouter } from "../router.ts";
import { auditViewing } from "./audit.ts";
import { found, pathId, pathParams } from "./fields.schema.ts";
import { given } from "./given.ts";
import { readIdCursor, toPage } from "./list.ts";
import {
  ListOrdersQuery,
  OrderPageSchema,
  OrderSchema,
  decodeContact,
  toOrder,
  toOrderSummary,
} from "./orders.schema.ts";
import type { OpenedOrder } from "./orders.schema.ts";
import { jsonAnswer } from "./route-parts.ts";

export const orderRoutes = createRouter();

const listRoute = createRoute(
  scoped("orders.read", {
    operationId: "listOrders",
    method: "get",
    path: "/v1/orders",
    tags: ["Orders"],
    request: { query: ListOrdersQuery },
    responses: { 200: jsonAnswer("The orders, newest first, without personal data", OrderPageSchema) },
  }),
);

orderRoutes.openapi(listRoute, async (c) => {
  const { deps, actor } = c.var;
  const { limit, cursor, orderState, paymentState, fulfilmentState, customerId } = c.req.valid("query");
  const filter = {
    shopId: actor.shopId,
    limit: limit + 1,
    ...readIdCursor<OrderId>(cursor),
    ...given({ orderState, paymentState, fulfilmentState, customerId }),
  };
  const rows = await deps.db.withShop(actor.shopId, (trx) => listOrders(trx, filter));
  const page = toPage(rows, limit, ({ id }) => id);
  return c.json({ ...page, data: page.data.map(toOrderSummary) }, 200);
});

const getRoute = createRoute(
  scoped("orders.read", {
    operationId: "getOrder",
    method: "get",
    path: "/v1/orders/{orderId}",
    tags: ["Orders"],
    description: "With name, phone and address: reading it is written into the audit log.",
    request: { params: pathParams("orderId", "ord") },
    responses: { 200: jsonAnswer("The order with its story", OrderSchema), ...problems(404) },
  }),
);

orderRoutes.openapi(getRoute, async (c) => {
  const { deps, actor } = c.var;
  const orderId = pathId<OrderId>("ord", c.req.valid("param").orderId);
  const { shopId } = actor;
  // Of one instant: an order whose slip was decided in between would contradict itself.
  const detail = found(
    await deps.db.withShopSnapshot(shopId, (trx) => findOrderDetail(trx, { shopId, orderId })),
    "ord",
  );
  const subjectId = detail.order.customer_id;
  await deps.db.withShop(shopId, (trx) =>
    auditViewing(trx, c, { action: "order.viewed", subjectId, resourceId: orderId }),
  );
  return c.json(toOrder(detail, await openOrder(deps.sealer, detail)), 200);
});

/** Contact, tracking and notes in one batch; what was erased is left out. */
async function openOrder(sealer: Sealer, { order, events }: OrderDetail): Promise<OpenedOrder> {
  const placeOf = (field: string, rowId: string): SealedPlace => ({
    shopId: order.shop_id,
    subjectId: order.customer_id,
    purpose: "order",
    field,
    rowId,
  });
  const noted = events.flatMap(({ id, note }) =>
    note === null ? [] : [{ place: placeOf("order_event.note", id), sealed: note }],
  );
  const tracked =
    order.tracking === null ? [] : [{ place: placeOf("order.tracking", order.id), sealed: order.tracking }];
  const contacts =
    order.contact === null ? [] : [{ place: placeOf("order.contact", order.id), sealed: order.contact }];
  const others = await sealer.open([...contacts, ...tracked, ...noted]);
  const contact = contacts.length === 0 ? undefined : others.shift();
  const tracking = tracked.length === 0 ? undefined : others.shift();
  return {
    contact: contact === undefined ? null : decodeContact(contact),
    tracking: tracking?.toString("utf8") ?? null,
    notes: new Map(
      noted.flatMap(({ place }, index) => {
        const text = others[index]?.toString("utf8");
        return text === undefined ? [] : [[place.rowId, text] as const];
      }),
    ),
  };
}
