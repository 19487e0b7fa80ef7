import { randomBytes } from "node:crypto";
import type { Insertable } from "kysely";

import type { ApiDeps } from "../../api/deps.ts";
import type { Database } from "../../db/connection.ts";
import { insertObject, objectKeyPlace } from "../../db/objects.ts";
import { insertDraftOrder } from "../../db/orders.ts";
import { illegibleReading } from "../../domain/payment/proof-reading.ts";
import { insertPaymentMethod } from "../../db/payment-methods.ts";
import { insertProduct } from "../../db/products.ts";
import type { OrdersTable, PaymentEvidenceTable } from "../../db/schema/orders.ts";
import type { OutboxTable } from "../../db/schema/conversations.ts";
import { insertSubjects } from "../../db/subjects.ts";
import { insertVariants } from "../../db/variants.ts";
import { encodeBody } from "../../domain/conversation/message-body.ts";
import type { MessageBody } from "../../domain/conversation/message-body.ts";
import { newId } from "../../domain/id.ts";
import type {
  CustomerId,
  EvidenceId,
  MessageId,
  ObjectId,
  OrderId,
  PageId,
  PaymentMethodId,
  ProductId,
  ShopId,
  VariantId,
} from "../../domain/id.ts";
import { defaultOrderTimings } from "../../domain/order/timings.ts";
import type { Purpose, Sealed } from "../../domain/sealing.ts";

export type CustomerOf = { shopId: ShopId; pageId: PageId; customerId: CustomerId };
type Parts = { deps: ApiDeps; worker: Database };

/** A customer with keys and a conversation, as the door makes them. */
export async function addCustomer(
  deps: ApiDeps,
  { shopId, pageId }: { shopId: ShopId; pageId: PageId },
): Promise<CustomerOf> {
  const customerId = newId<CustomerId>();
  const keys = await deps.sealer.makeKeys([{ shopId, subjectId: customerId, kind: "customer" }]);
  const customer = { shopId, pageId, customerId };
  const psid = await seal(deps, customer, "chat", ["customer.psid", customerId, "72"]);
  const now = new Date();
  await deps.db.withShop(shopId, async (trx) => {
    await insertSubjects(trx, { shopId, subjects: [{ id: customerId, kind: "customer" }], keys, now });
    const row = { shop_id: shopId, page_id: pageId, created_at: now };
    await trx
      .insertInto("customers")
      .values({ ...row, id: customerId, psid_index: randomBytes(16), psid })
      .execute();
    await trx
      .insertInto("conversations")
      .values({ ...row, customer_id: customerId, language: "en" })
      .execute();
  });
  return customer;
}

export type MessageOptions = {
  body: MessageBody;
  at: Date;
  /** Left out: a customer's message that a turn has claimed. */
  outbox?: { state: OutboxTable["state"]; deliveredAt?: Date; readAt?: Date };
  /** Still in the intake. */
  isWaiting?: boolean;
};

export async function addMessage(
  { deps, worker }: Parts,
  customer: CustomerOf,
  { body, at, outbox, isWaiting = false }: MessageOptions,
): Promise<MessageId> {
  const id = newId<MessageId>();
  const { shopId, customerId } = customer;
  const sealed = await seal(deps, customer, "chat", ["message.body", id, encodeBody(body)]);
  const row = { shop_id: shopId, id, customer_id: customerId, occurred_at: at, received_at: at };
  if (isWaiting) {
    await deps.db.withShop(shopId, (trx) =>
      trx
        .insertInto("intake")
        .values({ ...row, kind: "message", event_key: randomBytes(32), body: sealed })
        .execute(),
    );
    return id;
  }
  await worker.withShop(shopId, async (trx) => {
    const direction = outbox === undefined ? ("in" as const) : ("out" as const);
    const author = outbox === undefined ? ("customer" as const) : ("agent" as const);
    await trx
      .insertInto("messages")
      .values({ ...row, direction, author, kind: "text", body: sealed })
      .execute();
    if (outbox === undefined) return;
    await trx
      .insertInto("outbox")
      .values({
        shop_id: shopId,
        id,
        customer_id: customerId,
        seq: Math.floor(Math.random() * 1e9),
        audience: "chat",
        business_key: id,
        part: 0,
        state: outbox.state,
        next_attempt_at: at,
        delivered_at: outbox.deliveredAt ?? null,
        read_at: outbox.readAt ?? null,
        created_at: at,
      })
      .execute();
  });
  return id;
}

export type OrderOptions = {
  contact?: Record<string, string | null>;
  set?: Partial<Insertable<OrdersTable>>;
  number?: string;
};

export type TestOrder = { orderId: OrderId; paymentMethodId: PaymentMethodId; variantId: VariantId };

/** A placed order of two pieces at 5,000 and a fee of 1,000. */
export async function addOrder(
  { deps, worker }: Parts,
  customer: CustomerOf,
  { contact = { name: "Ma Hla" }, set = {}, number = `A-${randomBytes(4).toString("hex")}` }: OrderOptions,
): Promise<TestOrder> {
  const { shopId, customerId } = customer;
  const orderId = newId<OrderId>();
  const [paymentMethodId, productId, variantId] = [
    newId<PaymentMethodId>(),
    newId<ProductId>(),
    newId<VariantId>(),
  ];
  const sealed = await seal(deps, customer, "order", ["order.contact", orderId, JSON.stringify(contact)]);
  const now = new Date();
  await deps.db.withShop(shopId, async (trx) => {
    const method = { shopId, paymentMethodId, kind: "transfer" as const, name: "KBZPay", details: null };
    await insertPaymentMethod(trx, { ...method, isVisibleToCustomer: true, isEnabled: true, now });
    const product = { shopId, productId, name: "Shirt", description: "", state: "published" as const, now };
    await insertProduct(trx, product);
    const price = { priceMinor: 5_000, currency: "MMK" as const };
    const variants = [{ variantId, name: "Red", ...price, position: 0, isActive: true }];
    await insertVariants(trx, { shopId, productId, variants });
  });
  const isDraft = set.order_state === "draft";
  await worker.withShop(shopId, (trx) =>
    insertDraftOrder(trx, {
      order: {
        shop_id: shopId,
        id: orderId,
        customer_id: customerId,
        number: isDraft ? null : number,
        order_state: "placed",
        payment_state: "due",
        fulfilment_kind: "delivery",
        fulfilment_state: "pending",
        currency: "MMK",
        lines_minor: 10_000,
        fee_minor: 1_000,
        total_minor: 11_000,
        payment_method_id: paymentMethodId,
        payment_kind: "transfer",
        contact: sealed,
        contact_version: 1,
        summary_hash: "hash",
        timings: JSON.stringify(defaultOrderTimings),
        placed_at: isDraft ? null : now,
        created_at: now,
        updated_at: now,
        ...set,
      },
      lines: [
        {
          shop_id: shopId,
          order_id: orderId,
          variant_id: variantId,
          position: 0,
          product_name: "Shirt",
          variant_name: "Red",
          quantity: 2,
          unit_price_minor: 5_000,
        },
      ],
    }),
  );
  return { orderId, paymentMethodId, variantId };
}

export type EvidenceOptions = {
  picture: Buffer;
  orderId?: OrderId;
  state?: PaymentEvidenceTable["state"];
  reading?: Record<string, unknown>;
};

export type TestEvidence = { evidenceId: EvidenceId; objectId: ObjectId };

export async function addEvidence(
  { deps, worker }: Parts,
  customer: CustomerOf,
  { picture, orderId, state = orderId ? "undecided" : "unmatched", reading = {} }: EvidenceOptions,
): Promise<TestEvidence> {
  const { shopId, customerId } = customer;
  const evidenceId = newId<EvidenceId>();
  const objectId = newId<ObjectId>();
  const { key, size } = await deps.objects.put(objectId, picture);
  const place = objectKeyPlace({ shop_id: shopId, id: objectId, subject_id: customerId, purpose: "order" });
  const [sealedKey] = await deps.sealer.seal([{ place, plaintext: key }]);
  if (sealedKey === undefined) throw new Error("nothing was sealed");
  const json = JSON.stringify({ ...illegibleReading, isLegible: true, amountMinor: 11_000, ...reading });
  const sealed = await seal(deps, customer, "order", ["evidence.reading", evidenceId, json]);
  const now = new Date();
  await worker.withShop(shopId, async (trx) => {
    const object = { shopId, objectId, subjectId: customerId, purpose: "order" as const, sealedKey, size };
    await insertObject(trx, { ...object, kind: "chat_image", contentType: "image/jpeg", now });
    await trx
      .insertInto("payment_evidence")
      .values({
        shop_id: shopId,
        id: evidenceId,
        customer_id: customerId,
        order_id: orderId ?? null,
        object_id: objectId,
        state,
        reading: sealed,
        verdict: "matches",
        received_at: now,
      })
      .execute();
  });
  return { evidenceId, objectId };
}

async function seal(
  { sealer }: Pick<ApiDeps, "sealer">,
  { shopId, customerId }: Pick<CustomerOf, "shopId" | "customerId">,
  purpose: Purpose,
  [field, rowId, plaintext]: [string, string, string],
): Promise<Sealed> {
  const place = { shopId, subjectId: customerId, purpose, field, rowId };
  const [sealed] = await sealer.seal([{ place, plaintext }]);
  if (sealed === undefined) throw new Error("nothing was sealed");
  return sealed;
}
