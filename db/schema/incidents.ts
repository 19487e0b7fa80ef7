import type { ColumnType, Generated } from "kysely";

import type { BreachScope } from "../../domain/breach/scope.ts";
import type { IncidentKind, IncidentState, LateReason, NoticeState } from "../../domain/breach/states.ts";
import type { BreachTimings } from "../../domain/breach/timings.ts";
import type { AccountId, IncidentId, ShopId, SubjectId, TicketId } from "../../domain/id.ts";
import type { TicketTopic } from "../../domain/support/ticket.ts";
import type { Language } from "../../domain/shop/policies.ts";
import type { Count, Json, Optional, SealedColumn, SealedOrNull } from "./columns.ts";

/** What somebody wrote to us, and our answers. */
export interface TicketsTable {
  id: TicketId;
  /** SHA-256 of the code by which whoever has no account reads it. */
  code_hash: Buffer;
  topic: TicketTopic;
  state: Generated<"open" | "answered" | "closed">;
  /** Null: they had none, or it is gone. */
  account_id: Optional<AccountId>;
  language: Language;
  due_at: Date;
  reminded_at: Optional<Date>;
  escalated_at: Optional<Date>;
  last_message_at: Date;
  created_at: Date;
  closed_at: Optional<Date>;
}

export interface TicketMessagesTable {
  ticket_id: TicketId;
  id: string;
  author: "person" | "staff";
  account_id: Optional<AccountId>;
  /** Place: the platform, the ticket, `support`, `ticket.body`. */
  body: SealedColumn;
  at: Date;
}

export interface IncidentsTable {
  id: IncidentId;
  kind: IncidentKind;
  is_drill: boolean;
  state: Generated<IncidentState>;
  ticket_id: Optional<TicketId>;
  discovered_at: Date;
  due_at: Date;
  scopes: ColumnType<BreachScope[], string | undefined, string>;
  /** The words of the notice in all languages. Place: the platform, the incident, `support`, `incident.notice`. */
  notice: SealedOrNull;
  notice_version: Count;
  /** What one person has proposed, and another has to say as well. */
  proposal: Optional<"notify" | "dismiss">;
  proposed_by: Optional<AccountId>;
  proposed_at: Optional<Date>;
  approved_by: Optional<AccountId>;
  approved_at: Optional<Date>;
  alarms_raised: Count;
  listed_at: Optional<Date>;
  told_at: Optional<Date>;
  receipts_read_at: Optional<Date>;
  notified_at: Optional<Date>;
  late_reason: Optional<LateReason>;
  closed_at: Optional<Date>;
  timings: Json<BreachTimings>;
  version: Count;
  opened_by: Optional<AccountId>;
  opened_at: Date;
}

/** What was done about an incident: lines are added, never changed. */
export interface IncidentEventsTable {
  incident_id: IncidentId;
  id: string;
  what: string;
  /** Codes and counts. */
  data: ColumnType<Record<string, string | number | boolean | null>, string | undefined, never>;
  by_account: Optional<AccountId>;
  at: Date;
}

export interface IncidentPeopleTable {
  /** Of accounts: the platform's. */
  shop_id: ShopId;
  incident_id: IncidentId;
  subject_id: SubjectId;
  kind: "customer" | "account";
  state: Generated<NoticeState>;
  queued_at: Optional<Date>;
  settled_at: Optional<Date>;
  second_way_at: Optional<Date>;
}
