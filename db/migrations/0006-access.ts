export const all = "select, insert, update, delete";
const write = "select, insert, update";

type Access = { api?: string; worker?: string; system?: string; keyring?: string };

/** Who may do what on the tables that carry `shop_id`. What is not listed is refused by the database. */
const tenantTables: Record<string, Access> = {
  subjects: { api: write, worker: "select", system: "select", keyring: "select" },
  // The API makes keys and cannot read them; only the keyring reads.
  subject_keys: { api: "insert", keyring: "select, insert" },
  pages: { api: write, worker: "select, update", system: "select" },
  page_events: { api: "select, insert" },
  memberships: { api: write, system: "select" },
  api_keys: { api: write, system: "select, update" },
  customers: { api: "select, insert", worker: "select", system: "select" },
  conversations: { api: write, worker: "select, update", system: "select" },
  intake: { api: "select, insert", worker: all, system: "select, delete" },
  dead_letters: { api: "select, insert", worker: "insert" },
  receipts: { api: "insert", worker: all, system: "select" },
  turns: { api: "select", worker: write, system: "select" },
  messages: { api: "select", worker: write },
  outbox: { api: "select", worker: write, system: "select" },
  objects: { api: "select, insert", worker: write },
  products: { api: write, worker: "select" },
  variants: { api: write, worker: "select, update" },
  stock_moves: { api: "select, insert", worker: "select, insert" },
  payment_methods: { api: write, worker: "select" },
  carts: { worker: write },
  orders: { api: "select", worker: write, system: "select" },
  order_lines: { api: "select", worker: all },
  order_events: { api: "select", worker: "select, insert" },
  payment_evidence: { api: "select", worker: write, system: "select" },
  payment_entries: { api: "select", worker: "select, insert" },
  devices: { api: write, worker: "select, update" },
  owner_notices: { api: "select, update", worker: write },
  push_parts: { worker: write, system: "select" },
  audit_events: { api: "select, insert", worker: "insert" },
  idempotency_keys: { api: all, system: "select, delete" },
};

/** The tables without a shop, by name. */
const globalTables: Record<string, Access> = {
  // FOR SHARE on the open epoch, which every key insert takes, asks for UPDATE on a column.
  key_epochs: {
    api: "select, update (lock_mark)",
    worker: "select",
    system: "select",
    keyring: "select, update (lock_mark)",
  },
  accounts: { api: "select, insert", system: "select" },
  sessions: { api: write, system: "select" },
};

const roles = { api: "app_api", worker: "app_worker", system: "app_system", keyring: "keyring" } as const;

export function grantsOn(table: string, access: Access): string[] {
  return Object.entries(access).map(
    ([who, what]) => `grant ${what} on ${table} to ${roles[who as keyof typeof roles]}`,
  );
}

/** `nullif`: after a transaction that used set_config the setting reads as the empty string, not as null. */
const currentShop = `(select nullif(current_setting('app.shop_id', true), '')::uuid)`;

export function rowSecurityOf(table: string, column: string): string[] {
  return [
    `alter table ${table} enable row level security`,
    `alter table ${table} force row level security`,
    `create policy tenant on ${table} to app_api, app_worker
      using (${column} = ${currentShop}) with check (${column} = ${currentShop})`,
    `create policy system on ${table} to app_system using (true) with check (true)`,
    `create policy keyring on ${table} to keyring using (true) with check (true)`,
  ];
}

/** Console pages learn of a change by ids only, and read it again through the authorised route. */
const liveNotices = [
  ...["id", "customer_id", "order_id"].map(
    (column) => `create function notify_live_${column}() returns trigger language plpgsql as $$
  begin
    perform pg_notify('live', json_build_object(
      'shopId', new.shop_id, 'table', tg_table_name, 'id', new.${column})::text);
    return null;
  end $$`,
  ),
  ...(
    [
      ["intake", "insert", "customer_id"],
      ["messages", "insert or update", "customer_id"],
      ["outbox", "update", "customer_id"],
      ["orders", "insert or update", "id"],
      ["payment_evidence", "insert or update", "order_id"],
      ["owner_notices", "insert", "id"],
    ] as const
  ).map(
    ([table, when, id]) =>
      `create trigger live after ${when} on ${table} for each row execute function notify_live_${id}()`,
  ),
  `create trigger live after update of human_until, is_agent_enabled on conversations
    for each row execute function notify_live_customer_id()`,
];

/** Row level security and the rights of each login. */
export const access: readonly string[] = [
  `revoke all on schema public from public`,
  `grant usage on schema public to app_api, app_worker, app_system, app_admin, keyring`,
  ...rowSecurityOf("shops", "id"),
  ...grantsOn("shops", { api: write, worker: "select, update (next_order_number)", system: "select" }),
  ...Object.entries(tenantTables).flatMap(([table, access]) => [
    ...rowSecurityOf(table, "shop_id"),
    ...grantsOn(table, access),
  ]),
  ...Object.entries(globalTables).flatMap(([table, access]) => grantsOn(table, access)),
  ...liveNotices,
];
