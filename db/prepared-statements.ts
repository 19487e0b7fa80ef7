import type { PostgresCursor, PostgresPool, PostgresPoolClient, PostgresQueryResult } from "kysely";
import type { Pool, PoolClient, QueryResult } from "pg";

/**
 * What Postgres answers when a table has another shape than when the statement was prepared: a newer release has migrated
 * it under this one. Ask again; the names are others by then.
 */
export const stalePlan = "0A000";

/** So many statements are prepared; a list of unusual length is not worth a plan on every connection. */
const most = { statements: 400, parameters: 40 };

/** The pool with each statement parsed and planned once a connection, not each time: planning costs more than running. */
export function preparing(pool: Pool): PostgresPool {
  const names = new StatementNames();
  const clients = new WeakMap<PoolClient, PostgresPoolClient>();
  return {
    connect: async () => {
      const client = await pool.connect();
      const known = clients.get(client) ?? new PreparingClient(client, names);
      clients.set(client, known);
      return known;
    },
    end: () => pool.end(),
  };
}

class StatementNames {
  private generation = 0;
  private readonly names = new Map<string, string>();

  find(text: string, parameters: readonly unknown[]): string | undefined {
    if (parameters.length === 0 || parameters.length > most.parameters) return undefined;
    const known = this.names.get(text);
    if (known !== undefined || this.names.size >= most.statements) return known;
    const name = `s${this.generation}_${this.names.size}`;
    this.names.set(text, name);
    return name;
  }

  /** Every connection has plans of its own that are stale by now. */
  forget(): void {
    this.generation += 1;
    this.names.clear();
  }
}

class PreparingClient implements PostgresPoolClient {
  private readonly client: PoolClient;
  private readonly names: StatementNames;

  constructor(client: PoolClient, names: StatementNames) {
    this.client = client;
    this.names = names;
  }

  query<R>(text: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<R>>;
  query<R>(cursor: PostgresCursor<R>): PostgresCursor<R>;
  query<R>(
    text: string | PostgresCursor<R>,
    parameters: readonly unknown[] = [],
  ): Promise<PostgresQueryResult<R>> | PostgresCursor<R> {
    if (typeof text !== "string") throw new TypeError("nothing is read by cursor");
    return this.ask<R>(text, parameters);
  }

  release(): void {
    this.client.release();
  }

  private async ask<R>(text: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<R>> {
    const name = this.names.find(text, parameters);
    const values = [...parameters];
    try {
      return toKysely(
        await this.client.query(name === undefined ? { text, values } : { name, text, values }),
      );
    } catch (error) {
      if ((error as { code?: unknown }).code === stalePlan) this.names.forget();
      throw error;
    }
  }
}

/** Both packages describe the same object; only here its rows get the type that the statement was written for. */
function toKysely<R>(result: QueryResult): PostgresQueryResult<R> {
  return result as unknown as PostgresQueryResult<R>;
}
