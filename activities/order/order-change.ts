import type { Updateable } from "kysely";

import type { ShopTransaction } from "../../db/connection.ts";
import type { ActorKind, EvidenceState, OrderEventType, OrdersTable } from "../../db/schema/orders.ts";
import type { OutboundContent } from "../../domain/conversation/outbound.ts";
import type { AccountId, EvidenceId } from "../../domain/id.ts";
import type { NoticeKind } from "../../domain/order/notice-texts.ts";
import type { DecisionBy } from "../../workflows/order.contract.ts";
import type { Verdict } from "../../domain/payment/judge-proof.ts";

/** Columns that a decision sets itself; states of payment and sums of money follow from the ledger. */
export type OrderSet = Omit<
  Updateable<OrdersTable>,
  "version" | "payment_state" | "received_minor" | "refunded_minor" | "tracking"
>;

export type LedgerEntry = {
  kind: "payment" | "cash" | "refund" | "credit";
  amountMinor: number;
  evidenceId: EvidenceId | null;
  /** The bank's reference as read or corrected; unique among accepted payments of the shop and method. */
  reference: string | null;
  /** Its blind index, where the reference itself is not kept. */
  referenceIndex?: Buffer | null;
  /** One effect, one entry. */
  effectKey: string;
};

export type DecidedBy = { kind: ActorKind; id: AccountId | null; apiKeyId?: string | null };

export function byOwner({ accountId, apiKeyId }: DecisionBy): DecidedBy {
  return { kind: "owner", id: accountId, apiKeyId };
}

/** What a decision changes, all of it in one transaction or nothing. */
export type OrderChange = {
  actor: DecidedBy;
  set: OrderSet;
  events: { type: OrderEventType; data?: Record<string, string | number | boolean>; note?: string | null }[];
  /** Told to the customer once, whatever happens: the key is the order's or the evidence's. */
  message?: { key: string; contents: OutboundContent[] };
  notices?: { kind: NoticeKind; key: string; amountMinor?: number }[];
  stock?: "reserve" | "release" | "sell" | "restock";
  entry?: LedgerEntry;
  evidence?: {
    id: EvidenceId;
    from: EvidenceState;
    to: EvidenceState;
    verdict?: Verdict;
  };
  tracking?: string;
  /** Written in the same transaction; false: a lost race, nothing of the change stays, decide again. */
  alongside?(trx: ShopTransaction, now: Date): Promise<boolean>;
  /** Asked once more under the locks; true: decide again. */
  unless?(trx: ShopTransaction): Promise<boolean>;
};

/** `already`: the row has it; `refused`: a stable code such as `order.not_paid`. */
export type Plan =
  | { kind: "change"; change: OrderChange }
  | { kind: "already" }
  | { kind: "refused"; reason: string };

export const already: Plan = { kind: "already" };
export const change = (made: OrderChange): Plan => ({ kind: "change", change: made });
export const refused = (reason: string): Plan => ({ kind: "refused", reason });
