import type { SendTarget } from "../../db/send-targets.ts";
import type { OrderRow } from "../../db/orders.ts";
import type { PaymentMethodRow } from "../../db/payment-methods.ts";
import type { CartLine } from "../../db/schema/catalogue.ts";
import type { ProductCard } from "../../domain/conversation/outbound.ts";
import type { OrderId, PaymentMethodId } from "../../domain/id.ts";
import type { ContactSource } from "../../domain/order/contact-source.ts";
import type { OrderPrice, PricedLine } from "../../domain/order/price-order.ts";
import type { DeliveryZone, Language } from "../../domain/shop/policies.ts";
import type { ClaimedTurn } from "../conversation/claim-turn.ts";
import type { OpenedMessage } from "../conversation/opened-message.ts";

/** What an order needs to know of a person; nothing of it is asked before there is an order to place. */
export type Contact = {
  name: string | null;
  phone: string | null;
  township: string | null;
  address: string | null;
};

export const emptyContact: Contact = { name: null, phone: null, township: null, address: null };

/** The working copy of a cart; it is saved with the turn, if nobody else saved it meanwhile. */
export type WorkingCart = {
  /** 0: there is no row yet. */
  fromVersion: number;
  lines: CartLine[];
  contact: Contact;
  contactVersion: number;
  contactSource: ContactSource;
  zoneId: string | null;
  paymentMethodId: PaymentMethodId | null;
  draftOrderId: OrderId | null;
  isChanged: boolean;
};

/** A summary that is to be shown: a draft order that the customer may confirm by exactly its hash. */
export type PreparedOrder = {
  orderId: OrderId;
  hash: string;
  lines: (PricedLine & { productName: string; variantName: string })[];
  price: OrderPrice;
  zone: DeliveryZone;
  method: PaymentMethodRow;
};

export type HandOverReason = "asked" | "complaint" | "unsure";

/** What a turn has collected so far; tools write it, the store step makes it true. */
export type TurnDraft = {
  cart: WorkingCart;
  cards: ProductCard[];
  prepared: PreparedOrder | null;
  cancelQuestion: OrderRow | null;
  handOver: HandOverReason | null;
};

/** All that answering looks at. */
export type TurnContext = {
  turn: ClaimedTurn;
  language: Language;
  /** The unanswered messages, pictures read. */
  batch: OpenedMessage[];
  /**
   * The newest messages of both directions, oldest first, and then the batch: what is unanswered stands last, also when
   * it was written before our last words went out.
   */
  history: OpenedMessage[];
  orders: OrderRow[];
  /** What the customer has with the shop: it is taken off the next order. */
  creditMinor: number;
  /** Those that a customer may choose: enabled, and shown by the owner. */
  methods: PaymentMethodRow[];
  modelName: string;
  /** Where typing is shown; whoever sends looks again. */
  sendTarget: SendTarget;
};
