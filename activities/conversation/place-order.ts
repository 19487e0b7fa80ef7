import { appendAudit } from "../../db/audit-events.ts";
import { emptyCart, findCart, saveCart } from "../../db/carts.ts";
import type { CartRow } from "../../db/carts.ts";
import type { ShopTransaction } from "../../db/connection.ts";
import { getConversation, lockConversation } from "../../db/conversations.ts";
import {
  findOrder,
  findOrderEvent,
  insertDraftOrder,
  insertOrderEvents,
  lockOrder,
  takeOrderNumber,
  updateOrder,
} from "../../db/orders.ts";
import type { OrderRow } from "../../db/orders.ts";
import { insertGatewayPayment } from "../../db/gateway-payments.ts";
import { enqueueMessage, notifySender } from "../../db/outbox.ts";
import { insertNotice } from "../../db/owner-notices.ts";
import { mayProcess } from "../../db/shop-purposes.ts";
import { getShop } from "../../db/shops.ts";
import { moveStock } from "../../db/stock-moves.ts";
import { lockVariants } from "../../db/variants.ts";
import type { SummaryChange } from "../../domain/conversation/customer-texts.ts";
import type { OutboundContent } from "../../domain/conversation/outbound.ts";
import { texts } from "../../domain/conversation/texts.ts";
import { AppError } from "../../domain/app-error.ts";
import { newId } from "../../domain/id.ts";
import type { DecisionRef } from "../../workflows/conversation.contract.ts";
import { findOption, optionName, readCatalogue } from "../agent/catalogue.ts";
import type { CatalogueProduct } from "../agent/catalogue.ts";
import { contactPlace, readContext } from "../agent/read-context.ts";
import { prepareSummary } from "../agent/tools/order-tools.ts";
import type { TurnContext, TurnDraft } from "../agent/turn-draft.ts";
import type { ActivityDeps } from "../deps.ts";
import { spendCredit } from "../order/customer-credit.ts";
import { moneyOf, readOrderView } from "../order/order-view.ts";
import type { OrderView } from "../order/order-view.ts";
import { sealParts, textContent } from "../outbox/seal-message.ts";
import type { SealedPart } from "../outbox/seal-message.ts";
import { summaryKey } from "./code-answer.ts";
import { findSummaryChanges } from "./find-summary-changes.ts";
import { ringOrder } from "./ring-order.ts";
import { draftOrder, orderContactPlace, summaryContents } from "./summary.ts";
import { tellInTurn } from "./tell-in-turn.ts";

type Place = Extract<DecisionRef["decision"], { kind: "place_order" }>;

/**
 * Places the order that the customer confirmed, by exactly its hash and on an unchanged cart. If a price, a fee or the
 * stock changed meanwhile nothing is placed and a new summary is shown.
 * Safe to run twice: a draft becomes an order once, by a guarded update.
 */
export async function placeOrder(deps: ActivityDeps, ref: DecisionRef, decision: Place): Promise<void> {
  const { shopId } = ref;
  const { orderId } = decision;
  const { order, cart } = await deps.db.withShop(shopId, async (trx) => ({
    order: await findOrder(trx, { shopId, orderId }),
    cart: await findCart(trx, ref),
  }));
  if (order?.customer_id !== ref.customerId || order.summary_hash !== decision.hash) {
    return showAgain(deps, ref, { changes: [], isOutdated: true });
  }
  if (order.order_state !== "draft") return afterPlacing(deps, ref, order);
  if (cart?.draft_order_id !== orderId) return showAgain(deps, ref, { changes: [], isOutdated: true });

  const view = await readOrderView(deps, { shopId, orderId });
  const placed = await place(deps, ref, { view, cart });
  if (placed === "not_active") return;
  if (placed === "no_basis")
    return tellInTurn(deps, ref, { key: "no_orders", text: (say) => say.takesNoOrders() });
  if (placed === "outdated") return showAgain(deps, ref, { changes: [], isOutdated: true });
  if (placed !== "placed") return showAgain(deps, ref, { changes: placed, isOutdated: false });
  await deps.atStep("order.placed");
  await ringOrder(deps, { shopId, orderId });
}

async function place(
  deps: ActivityDeps,
  ref: DecisionRef,
  { view, cart }: { view: OrderView; cart: CartRow },
): Promise<"placed" | "outdated" | "not_active" | "no_basis" | SummaryChange[]> {
  const { shopId } = ref;
  const number = await deps.db.withShop(shopId, (trx) => takeOrderNumber(trx, { shopId }));
  const parts = await sealParts(deps.sealer, ref, howToPay({ ...view, number }));
  return deps.db.withShop(shopId, async (trx) => {
    const { subject_state: state } = await lockConversation(trx, ref);
    if (state !== "active") return "not_active";
    if (!(await mayProcess(trx, { shopId, purposes: ["order", "payment"] }))) return "no_basis";
    const order = await lockOrder(trx, { shopId, orderId: view.order.id });
    const current = await findCart(trx, ref);
    if (order.version !== view.order.version || current?.version !== cart.version) return "outdated";
    // Under the variants' locks: no price and no stock moves between this look and the reservation.
    await lockVariants(trx, { shopId, variantIds: view.lines.map((line) => line.variant_id) });
    const changes = await findSummaryChanges(trx, view);
    if (changes.length > 0) return changes;
    return writePlaced(trx, { deps, ref, view: { ...view, number }, parts });
  });
}

type Placing = { deps: ActivityDeps; ref: DecisionRef; view: OrderView; parts: SealedPart[] };

async function writePlaced(
  trx: ShopTransaction,
  { deps, ref, view, parts }: Placing,
): Promise<"placed" | SummaryChange[]> {
  const { shopId, customerId } = ref;
  const { order, number } = view;
  const now = deps.clock.now();
  const reserved = await moveStock(trx, {
    shopId,
    orderId: order.id,
    kind: "reserve",
    actorId: null,
    moves: view.lines.map((line) => ({
      variantId: line.variant_id,
      onHandDelta: 0,
      reservedDelta: line.quantity,
    })),
    now,
  });
  if (reserved.outcome === "short") return ["stock"];
  await spendCredit(trx, order, { key: `order:${order.id}:spent`, by: null, now });
  const isPaid = order.total_minor === 0;
  if (isPaid) await sell(trx, view, now);
  await updateOrder(trx, {
    shopId,
    orderId: order.id,
    from: order,
    now,
    set: { number, order_state: "placed", placed_at: now, ...clockOf(order, now) },
  });
  const event = {
    shop_id: shopId,
    id: newId<string>(),
    order_id: order.id,
    actor_kind: "customer" as const,
    at: now,
  };
  await insertOrderEvents(trx, [
    { ...event, type: "placed", data: JSON.stringify({ totalMinor: order.total_minor, by: ref.turnId }) },
    ...(isPaid ? [{ ...event, id: newId<string>(), type: "paid" as const, data: "{}" }] : []),
  ]);
  await appendAudit(trx, {
    shopId,
    actorKind: "customer",
    actorId: null,
    action: "order.placed",
    subjectId: customerId,
    resourceId: order.id,
    data: { totalMinor: order.total_minor },
    now,
  });
  await emptyCart(trx, { shopId, customerId, orderId: order.id, now });
  await enqueueMessage(trx, {
    shopId,
    customerId,
    audience: "order",
    author: "system",
    businessKey: `${order.id}:placed`,
    orderId: order.id,
    parts,
    now,
  });
  if (order.payment_kind === "gateway" && !isPaid) await askForPayment(trx, view, now);
  await insertNotice(trx, {
    shopId,
    id: newId(),
    kind: order.payment_kind === "cod" && !isPaid ? "cod_to_accept" : "order_placed",
    businessKey: `${order.id}:placed`,
    orderId: order.id,
    customerId,
    data: { orderNumber: number, amountMinor: order.total_minor, currency: order.currency },
    now,
  });
  return "placed";
}

/** The customer's credit has paid all of it. */
async function sell(trx: ShopTransaction, view: OrderView, now: Date): Promise<void> {
  const sold = await moveStock(trx, {
    shopId: view.order.shop_id,
    orderId: view.order.id,
    kind: "sell",
    actorId: null,
    moves: view.lines.map((line) => ({
      variantId: line.variant_id,
      onHandDelta: -line.quantity,
      reservedDelta: -line.quantity,
    })),
    now,
  });
  if (sold.outcome === "short") throw new TypeError("what is reserved is there");
}

/** The worker asks the provider for the code that the customer pays by. */
async function askForPayment(trx: ShopTransaction, view: OrderView, now: Date): Promise<void> {
  const { order, method } = view;
  const { shop_id: shopId, customer_id: customerId } = order;
  if (method.provider === null) throw new TypeError("a gateway has a provider");
  await insertGatewayPayment(trx, {
    shopId,
    purpose: "order",
    ownerId: order.id,
    attempt: 1,
    paymentMethodId: method.id,
    provider: method.provider,
    amount: moneyOf(view, order.total_minor),
    expiresAt: new Date(now.getTime() + order.timings.paymentDueMs),
    now,
  });
  await notifySender(trx, { shopId, customerId });
}

/** Stock is reserved by the same clock that expires the order. */
function clockOf(order: OrderRow, now: Date) {
  const after = (ms: number) => new Date(now.getTime() + ms);
  const { paymentDueMs, evidenceHardEndMs, codAcceptMs } = order.timings;
  if (order.total_minor === 0) return { payment_state: "paid" as const, paid_at: now };
  return order.payment_kind === "cod"
    ? { payment_state: "cod_due" as const, cod_accept_due_at: after(codAcceptMs) }
    : {
        payment_state: "due" as const,
        payment_due_at: after(paymentDueMs),
        evidence_hard_end_at: after(evidenceHardEndMs),
      };
}

function howToPay(view: OrderView): OutboundContent[] {
  const { order, say, number: orderNumber, account, method } = view;
  const total = moneyOf(view, order.total_minor);
  if (order.total_minor === 0) {
    return [textContent(say.placedPaid({ orderNumber, credit: moneyOf(view, order.credit_minor) }))];
  }
  if (order.payment_kind === "cod") return [textContent(say.placedForCash({ orderNumber, total }))];
  const payWithinMs = order.timings.paymentDueMs;
  if (order.payment_kind === "gateway") {
    const facts = { orderNumber, total, methodName: method.name, payWithinMs };
    return [textContent(say.placedForGateway(facts))];
  }
  const text = say.placedForTransfer({
    orderNumber,
    total,
    account: {
      methodName: method.name,
      accountName: account?.accountName ?? "",
      accountNumber: account?.accountNumber ?? "",
      instructions: account === null || account.bank === method.name ? null : account.bank,
    },
    payWithinMs,
  });
  return [
    textContent(text),
    ...(method.qr_object_id === null ? [] : [{ kind: "image", objectId: method.qr_object_id } as const]),
  ];
}

/** The process is rung again; a second confirmation is answered, a second run of the first one has its answer. */
async function afterPlacing(deps: ActivityDeps, ref: DecisionRef, order: OrderRow): Promise<void> {
  const orderRef = { shopId: ref.shopId, orderId: order.id };
  await ringOrder(deps, orderRef);
  const placed = await deps.db.withShop(ref.shopId, (trx) =>
    findOrderEvent(trx, { ...orderRef, type: "placed" }),
  );
  if (placed?.data["by"] === ref.turnId) return;
  await tellInTurn(deps, ref, {
    key: "already",
    text: (say) => say.alreadyPlaced({ orderNumber: order.number ?? "" }),
  });
}

/** Nothing is placed; the customer is told why and shown today's summary, if the cart still makes one. */
async function showAgain(
  deps: ActivityDeps,
  ref: DecisionRef,
  { changes, isOutdated }: { changes: SummaryChange[]; isOutdated: boolean },
): Promise<void> {
  const now = deps.clock.now();
  const { shop, conversation, catalogue } = await deps.db.withShop(ref.shopId, async (trx) => ({
    catalogue: await readCatalogue(trx, ref.shopId),
    shop: await getShop(trx, ref),
    conversation: await getConversation(trx, ref),
  }));
  const turn = {
    kind: "turn" as const,
    id: ref.turnId,
    attempt: 0,
    oldestAt: now,
    batch: [],
    shop,
    conversation,
    isRestricted: false,
    isHuman: false,
    isHumanOnly: false,
    takesOrders: true,
    isAgentOn: true,
    mayAskModel: true,
    isQuiet: false,
    after: null,
  };
  const { context, cart } = await readContext(deps, turn, []);
  const draft: TurnDraft = { cart, cards: [], prepared: null, cancelQuestion: null, handOver: null };
  prepareSummary({ deps, context, draft, catalogue });
  const lead = leadOf({ context, draft, catalogue }, { changes, isOutdated });
  await storeNewSummary(deps, ref, { context, draft, lead });
}

type Shown = { context: TurnContext; draft: TurnDraft; catalogue: readonly CatalogueProduct[] };

function leadOf(
  { context, draft, catalogue }: Shown,
  { changes, isOutdated }: { changes: SummaryChange[]; isOutdated: boolean },
): OutboundContent {
  const say = texts(context.language);
  if (isOutdated) return textContent(say.summaryOutdated());
  if (draft.prepared) return textContent(say.summaryChanged({ changes }));
  const items = draft.cart.lines.flatMap(({ variantId, quantity }) => {
    const found = findOption(catalogue, variantId);
    if (!found) return [];
    const { product, option } = found;
    return option.available < quantity
      ? [{ name: optionName(product, option), available: option.available }]
      : [];
  });
  return textContent(items.length > 0 ? say.outOfStock({ items }) : say.summaryOutdated());
}

async function storeNewSummary(
  deps: ActivityDeps,
  ref: DecisionRef,
  { context, draft, lead }: { context: TurnContext; draft: TurnDraft; lead: OutboundContent },
): Promise<void> {
  const { cart, prepared } = draft;
  const leadParts = await sealParts(deps.sealer, ref, [lead]);
  const summary = prepared ? await sealParts(deps.sealer, ref, summaryContents(context, cart, prepared)) : [];
  const plaintext = JSON.stringify(cart.contact);
  const [cartContact, orderContact] = await deps.sealer.seal([
    { place: contactPlace(ref.shopId, ref.customerId), plaintext },
    ...(prepared ? [{ place: orderContactPlace(ref, prepared.orderId), plaintext }] : []),
  ]);
  const now = deps.clock.now();
  await deps.db.withShop(ref.shopId, async (trx) => {
    const { subject_state: state } = await lockConversation(trx, ref);
    if (state !== "active") return;
    const base = { shopId: ref.shopId, customerId: ref.customerId, turnId: ref.turnId, now };
    const isFirst = await enqueueMessage(trx, {
      ...base,
      audience: "order",
      author: "system",
      businessKey: `turn:${ref.turnId}:summary_again`,
      parts: leadParts,
    });
    if (!isFirst || !prepared || !orderContact) return;
    const isSaved = await saveCart(trx, {
      ...base,
      fromVersion: cart.fromVersion,
      content: { ...cart, contact: cartContact ?? null },
    });
    if (!isSaved) throw new AppError("conflict", "cart.moved_on", { internal: `cart of ${ref.customerId}` });
    await insertDraftOrder(trx, draftOrder(context, { cart, prepared, contact: orderContact, now }));
    await enqueueMessage(trx, {
      ...base,
      // It answers the customer's own tap, also while a person has the conversation.
      audience: "order",
      author: "system",
      businessKey: summaryKey(prepared.orderId),
      parts: summary,
    });
  });
}
