import { Pool } from "pg";

export type BaselineProduct = { id: string; name: string; description: string };

/** Plain rows in a schema of their own; each method is what the turn needs, and no more. */
export class BaselineStore {
  private readonly pool: Pool;

  constructor(url: string) {
    this.pool = new Pool({ connectionString: url, max: 20, application_name: "baseline" });
  }

  async prepare(): Promise<void> {
    await this.pool.query(`
      create schema if not exists baseline;
      create table if not exists baseline.messages (
        id bigint generated always as identity primary key, psid text not null, mid text unique,
        direction text not null, body text not null, at timestamptz not null default now());
      create index if not exists messages_by_psid on baseline.messages (psid, id desc);
      create table if not exists baseline.carts (psid text primary key, lines jsonb not null, version int not null default 1);
      create table if not exists baseline.products (id text primary key, name text not null, description text not null);
      insert into baseline.products select 'p' || n, 'Dress ' || n, 'Silk, made in Mandalay, in three sizes'
        from generate_series(1, 12) n on conflict do nothing;`);
  }

  /** False: the message was here before. */
  async keepMessage(psid: string, mid: string, text: string): Promise<boolean> {
    const { rowCount } = await this.pool.query(
      "insert into baseline.messages (psid, mid, direction, body) values ($1, $2, 'in', $3) on conflict (mid) do nothing",
      [psid, mid, text],
    );
    return rowCount === 1;
  }

  async readHistory(psid: string): Promise<{ direction: "in" | "out"; body: string }[]> {
    const { rows } = await this.pool.query<{ direction: "in" | "out"; body: string }>(
      "select direction, body from baseline.messages where psid = $1 order by id desc limit 20",
      [psid],
    );
    return rows.toReversed();
  }

  async readCart(psid: string): Promise<unknown> {
    const { rows } = await this.pool.query("select lines from baseline.carts where psid = $1", [psid]);
    return rows[0];
  }

  async listProducts(): Promise<BaselineProduct[]> {
    return (await this.pool.query<BaselineProduct>("select * from baseline.products order by id")).rows;
  }

  async saveCart(psid: string, lines: unknown): Promise<void> {
    await this.pool.query(
      `insert into baseline.carts (psid, lines) values ($1, $2)
       on conflict (psid) do update set lines = excluded.lines, version = baseline.carts.version + 1`,
      [psid, JSON.stringify(lines)],
    );
  }

  async keepAnswer(psid: string, text: string): Promise<void> {
    await this.pool.query("insert into baseline.messages (psid, direction, body) values ($1, 'out', $2)", [
      psid,
      text,
    ]);
  }
}
