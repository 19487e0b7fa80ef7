import type { Client } from "pg";

export type StatementRow = { login: string; calls: number; ms: number; text: string };

/** What each login asked since the last `forgetStatements`, most often asked first. */
export async function listStatements(owner: Client): Promise<StatementRow[]> {
  const { rows } = await owner.query<StatementRow>(
    `select r.rolname as login, sum(s.calls)::float8 as calls,
            sum(s.total_exec_time + s.total_plan_time)::float8 as ms, s.query as text
     from pg_stat_statements(true) s join pg_roles r on r.oid = s.userid
     where s.dbid = (select oid from pg_database where datname = current_database()) and s.toplevel
     group by 1, s.query order by 2 desc, 4`,
  );
  return rows.filter(({ login }) => login.startsWith("app_") || login === "keyring");
}

export async function forgetStatements(owner: Client): Promise<void> {
  await owner.query("select pg_stat_statements_reset()");
}

const begins = /^\s*(begin|start transaction)\b/i;
/** Travels together with the begin. */
const namesShop = /^\s*set local app\.shop_id\b/i;

/** Asked by a deferred trigger inside the commit, where it counts as a statement of its own. */
const ofTrigger = /= new\.\w/i;

/** Statements that the caller waits for, each a round trip, and transactions. */
export type StatementCounts = { statements: number; transactions: number };

/** By login. */
export function countStatements(rows: readonly StatementRow[]): Record<string, StatementCounts> {
  const counts: Record<string, StatementCounts> = {};
  for (const { login, calls, text } of rows) {
    const count = (counts[login] ??= { statements: 0, transactions: 0 });
    if (!namesShop.test(text) && !ofTrigger.test(text)) count.statements += calls;
    if (begins.test(text)) count.transactions += calls;
  }
  return counts;
}
