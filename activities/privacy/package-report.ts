import { tableInventory } from "../../db/inventory/index.ts";
import type { Schema } from "../../db/schema/index.ts";
import type { DataPurpose } from "../../domain/privacy/data-purpose.ts";
import type { RetentionClass } from "../../domain/privacy/retention-class.ts";
import type { SubjectKind } from "../../domain/sealing.ts";
import type { OpenedRow, RowPage } from "./collect-pages.ts";

/** Outside parties, by what they are for us; `shop`: whom the customer wrote to. */
export type Recipient =
  | "shop"
  | "messenger"
  | "model_provider"
  | "payment_provider"
  | "mail_service"
  | "push_service";

/** From whom it came. */
const sources: Record<SubjectKind, readonly string[]> = {
  customer: ["the person, by Messenger", "the shop", "records of our own work"],
  account: ["the person", "the person's devices", "records of our own work"],
  participant: ["the person", "records of our own work"],
  shop: ["the shop's owner and staff", "its customers, by Messenger", "records of our own work"],
  upgrade: [],
  billing: [],
  ticket: [],
  incident: [],
};

export type TableSummary = {
  folder: string;
  table: keyof Schema;
  rows: number;
  files: number;
  unreadable: number;
};
export type PackageReport = {
  categories: RetentionClass[];
  purposes: DataPurpose[];
  sources: readonly string[];
  recipients: Recipient[];
  tables: TableSummary[];
};

/** Reckons while the pages go by what is to be told of them: of whose data nothing is kept, nothing is told. */
export class ReportBuilder {
  private readonly tables = new Map<string, TableSummary>();
  private readonly recipients = new Set<Recipient>();

  add({ scope, table, rows, files, unreadable }: RowPage): void {
    const name = `${scope.folder}/${table}`;
    const known = this.tables.get(name) ?? { folder: scope.folder, table, rows: 0, files: 0, unreadable: 0 };
    this.tables.set(name, {
      ...known,
      rows: known.rows + rows.length,
      files: known.files + files.length,
      unreadable: known.unreadable + unreadable,
    });
    for (const row of rows) {
      const recipient = recipientOf(table, row);
      if (recipient !== undefined) this.recipients.add(recipient);
    }
  }

  build(subjectKind: SubjectKind): PackageReport {
    const tables = [...this.tables.values()];
    const entries = tables.map(({ table }) => tableInventory[table]);
    return {
      categories: [...new Set(entries.map((entry) => entry.class))].toSorted(),
      purposes: [...new Set(entries.flatMap(({ purposes }) => purposes))].toSorted(),
      sources: sources[subjectKind],
      recipients: [...this.recipients].toSorted(),
      tables,
    };
  }
}

/** To whom something went, by the row that says so. */
function recipientOf(table: keyof Schema, row: OpenedRow): Recipient | undefined {
  switch (table) {
    case "messages":
      return "shop";
    case "outbox":
      return row["sent_at"] === null ? undefined : "messenger";
    case "turns":
      return row["input_tokens"] === null ? undefined : "model_provider";
    case "gateway_payments":
      return "payment_provider";
    case "mails":
      return row["sent_at"] === null ? undefined : "mail_service";
    case "push_parts":
      return row["sent_at"] === null ? undefined : "push_service";
    default:
      return undefined;
  }
}
