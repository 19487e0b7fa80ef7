import type { CreditAccount, GrantKind } from "../../domain/credit/ledger.ts";
import type { LowLevel } from "../../domain/credit/low-credits.ts";
import type { GrantId, ShopId, TurnId } from "../../domain/id.ts";
import type { Count, Optional } from "./columns.ts";

export interface CreditGrantsTable {
  shop_id: ShopId;
  id: GrantId;
  kind: GrantKind;
  credits: number;
  priority: number;
  effective_at: Date;
  expires_at: Optional<Date>;
  /** It was taken back, e.g. because its payment was. */
  reversed_at: Optional<Date>;
  /** What it is for: granted once. */
  effect_key: string;
  /** Of the lines of these two accounts the sum, kept in the same transaction. */
  available: Count;
  reserved: Count;
  /** The lowest level that the owner was told of while this was the last grant. */
  told_percent: Optional<LowLevel>;
  created_at: Date;
}

export type CreditTransactionKind = "grant" | "reserve" | "settle" | "release" | "lapse";

export interface CreditLinesTable {
  shop_id: ShopId;
  transaction_id: string;
  grant_id: GrantId;
  account: CreditAccount;
  kind: CreditTransactionKind;
  credits: number;
  at: Date;
}

export interface CreditReservationsTable {
  shop_id: ShopId;
  turn_id: TurnId;
  state: "reserved" | "settled" | "released";
  upper_bound: number;
  reserve_transaction: string;
  settle_transaction: Optional<string>;
  charged: Count;
  cost_micro_usd: Count;
  rate_version: Optional<number>;
  reserved_at: Date;
  ended_at: Optional<Date>;
}
