import { findCart } from "../../db/carts.ts";
import type { CartRow } from "../../db/carts.ts";
import { findCreditBalance } from "../../db/customer-credits.ts";
import { listRecent } from "../../db/messages.ts";
import { listPlacedOrders } from "../../db/orders.ts";
import { listPaymentMethods } from "../../db/payment-methods.ts";
import { getSendTarget } from "../../db/send-targets.ts";
import { detectLanguage } from "../../domain/text/detect-language.ts";
import type { SealedPlace } from "../../domain/sealing.ts";
import type { Language } from "../../domain/shop/policies.ts";
import type { ClaimedTurn } from "../conversation/claim-turn.ts";
import { openMessages } from "../conversation/opened-message.ts";
import type { OpenedMessage } from "../conversation/opened-message.ts";
import type { ActivityDeps } from "../deps.ts";
import { openText } from "../open-text.ts";
import { emptyContact } from "./turn-draft.ts";
import type { Contact, TurnContext, WorkingCart } from "./turn-draft.ts";

/** Prompts carry the least that the step needs. */
const historyLimit = 20;
const orderLimit = 10;
const methodLimit = 20;

export function contactPlace(
  shopId: SealedPlace["shopId"],
  customerId: SealedPlace["subjectId"],
): SealedPlace {
  return { shopId, subjectId: customerId, purpose: "order", field: "cart.contact", rowId: customerId };
}

export async function readContext(
  deps: ActivityDeps,
  turn: ClaimedTurn,
  batch: OpenedMessage[],
): Promise<{ context: TurnContext; cart: WorkingCart }> {
  const ref = { shopId: turn.shop.id, customerId: turn.conversation.customer_id };
  const rows = await deps.db.withShop(ref.shopId, async (trx) => ({
    recent: await listRecent(trx, { ...ref, limit: historyLimit }),
    cart: await findCart(trx, ref),
    orders: await listPlacedOrders(trx, { ...ref, limit: orderLimit }),
    creditMinor: await findCreditBalance(trx, { ...ref, currency: turn.shop.currency }),
    methods: await listPaymentMethods(trx, { shopId: ref.shopId, limit: methodLimit }),
    sendTarget: await getSendTarget(trx, ref),
  }));
  const history = await openMessages(deps.sealer, rows.recent);
  const before = withoutLeft(history.filter(({ id }) => !batch.some((message) => message.id === id)));
  const skipped = Math.max(0, before.length + batch.length - historyLimit);
  return {
    context: {
      turn,
      language: languageOf(turn, batch),
      batch,
      history: [...before.slice(skipped), ...batch],
      orders: rows.orders,
      creditMinor: rows.creditMinor,
      modelName: deps.modelName,
      sendTarget: rows.sendTarget,
      methods: rows.methods.filter(
        (method) => method.is_enabled && (method.kind === "cod" || method.is_visible_to_customer),
      ),
    },
    cart: await openCart(deps, ref, rows.cart),
  };
}

/** What was left to somebody else, and has no answer yet: the model would give one. */
function withoutLeft(history: OpenedMessage[]): OpenedMessage[] {
  const lastAnswer = history.findLastIndex(({ direction }) => direction === "out");
  return history.filter(
    ({ answered_at: answeredAt, is_standby: isStandby }, index) =>
      index <= lastAnswer || (answeredAt !== null && !isStandby),
  );
}

/** The language of what was just written, if the shop answers in it; unknown languages get English. */
export function languageOf(turn: ClaimedTurn, batch: readonly OpenedMessage[]): Language {
  const text = batch.map(({ body }) => body.text ?? "").join("\n");
  const previous = turn.conversation.language;
  const found = languageOfText(text, { previous, isFirst: turn.conversation.disclosed_at === null });
  return turn.shop.languages.includes(found) ? found : (turn.shop.languages[0] ?? "en");
}

/** The first words in Latin letters are English until others come; later, what tells nothing changes nothing. */
function languageOfText(
  text: string,
  { previous, isFirst }: { previous: Language; isFirst: boolean },
): Language {
  if (text.trim() === "") return previous;
  const isLatin = /[A-Za-z]/u.test(text) && !/[\u1000-\u109f]/u.test(text);
  return isFirst && isLatin ? "en" : detectLanguage(text, previous);
}

async function openCart(
  deps: ActivityDeps,
  ref: { shopId: SealedPlace["shopId"]; customerId: ClaimedTurn["conversation"]["customer_id"] },
  row: CartRow | undefined,
): Promise<WorkingCart> {
  const [contact] = row?.contact
    ? await openText(deps.sealer, [{ place: contactPlace(ref.shopId, ref.customerId), sealed: row.contact }])
    : [];
  return {
    fromVersion: row?.version ?? 0,
    lines: row?.lines ?? [],
    contact: contact === undefined ? emptyContact : (JSON.parse(contact) as Contact),
    contactVersion: row?.contact_version ?? 0,
    contactSource: row?.contact_source ?? "customer_order_step",
    zoneId: row?.zone_id ?? null,
    paymentMethodId: row?.payment_method_id ?? null,
    draftOrderId: row?.draft_order_id ?? null,
    isChanged: false,
  };
}
