import type { Client } from "pg";

import { AppError } from "../domain/app-error.ts";

/** Throws `db.owner_bound` when row security would hide rows from this login. */
export async function demandUnbound(client: Client): Promise<void> {
  const { rows } = await client.query<{ is: boolean }>(
    "select rolsuper or rolbypassrls as is from pg_roles where rolname = current_user",
  );
  if (rows[0]?.is === true) return;
  const message =
    "The user of DATABASE_URL is bound by row security and would see no rows. Let a superuser run: " +
    "alter role <user> bypassrls";
  throw new AppError("forbidden", "db.owner_bound", { internal: message, public: message });
}
