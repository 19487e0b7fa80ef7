import type { Client } from "pg";

/** Open connections by application name. */
export async function measureConnections(owner: Client): Promise<Record<string, number>> {
  const { rows } = await owner.query<{ name: string; count: number }>(
    `select coalesce(nullif(application_name, ''), 'other') as name, count(*)::int as count
     from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid() group by 1 order by 1`,
  );
  return Object.fromEntries(rows.map(({ name, count }) => [name, count]));
}
