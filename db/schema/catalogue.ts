import type { Generated } from "kysely";

import type {
  AccountId,
  CustomerId,
  ObjectId,
  OrderId,
  PaymentMethodId,
  ProductId,
  ShopId,
  VariantId,
} from "../../domain/id.ts";
import type { Currency } from "../../domain/money.ts";
import type { ContactSource } from "../../domain/order/contact-source.ts";
import type { PaymentKind } from "../../domain/payment/payment-kind.ts";
import type { GatewayProvider } from "../../domain/ports/payment-gateway.ts";
import type { Json, SealedOrNull, Optional, Flag, Count } from "./columns.ts";

export interface ProductsTable {
  shop_id: ShopId;
  id: ProductId;
  name: string;
  description: Generated<string>;
  state: "draft" | "published" | "archived";
  image_object_id: Optional<ObjectId>;
  version: Count;
  created_at: Date;
  updated_at: Date;
}

export interface VariantsTable {
  shop_id: ShopId;
  id: VariantId;
  product_id: ProductId;
  name: Generated<string>;
  price_minor: number;
  currency: Currency;
  on_hand: Count;
  reserved: Count;
  position: Count;
  is_active: Flag;
}

export interface StockMovesTable {
  shop_id: ShopId;
  id: string;
  variant_id: VariantId;
  order_id: Optional<OrderId>;
  /** The order's revivals when it moved. */
  round: Count;
  kind: "initial" | "adjust" | "reserve" | "release" | "sell" | "restock";
  on_hand_delta: number;
  reserved_delta: number;
  actor_id: Optional<AccountId>;
  at: Date;
}

export interface PaymentMethodsTable {
  shop_id: ShopId;
  id: PaymentMethodId;
  kind: PaymentKind;
  name: string;
  details: SealedOrNull;
  /** Of a gateway, with the account there. */
  provider: Optional<GatewayProvider>;
  merchant: SealedOrNull;
  is_visible_to_customer: Flag;
  is_enabled: Flag;
  qr_object_id: Optional<ObjectId>;
  version: Count;
  created_at: Date;
}

export type CartLine = { variantId: VariantId; quantity: number };

export interface CartsTable {
  shop_id: ShopId;
  customer_id: CustomerId;
  version: Count;
  lines: Json<CartLine[]>;
  contact: SealedOrNull;
  contact_version: Count;
  contact_source: Generated<ContactSource>;
  zone_id: Optional<string>;
  payment_method_id: Optional<PaymentMethodId>;
  draft_order_id: Optional<OrderId>;
  updated_at: Date;
}
