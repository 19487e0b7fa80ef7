import { randomBytes } from "node:crypto";
import { Client } from "pg";
import { inject } from "vitest";
import "./provided.ts";

export type TestDatabase = {
  name: string;
  /** One connection string a login role; `owner` is the superuser, whom row security does not bind. */
  urls: { api: string; worker: string; admin: string; system: string; keyring: string; owner: string };
  drop: () => Promise<void>;
};

/** A fresh, migrated database for one test file: `beforeAll(createTestDatabase)`, `afterAll(drop)`. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const { superuserUrl, templateDatabase, rolePasswords } = inject("postgres");
  const name = `test_${randomBytes(8).toString("hex")}`;
  await runAsSuperuser(superuserUrl, `create database ${name} template ${templateDatabase}`);
  const url = (role: keyof typeof rolePasswords) =>
    databaseUrl(superuserUrl, name, role, rolePasswords[role]);
  return {
    name,
    urls: {
      api: url("app_api"),
      worker: url("app_worker"),
      admin: url("app_admin"),
      system: url("app_system"),
      keyring: url("keyring"),
      owner: databaseUrl(superuserUrl, name),
    },
    drop: () => runAsSuperuser(superuserUrl, `drop database if exists ${name} with (force)`),
  };
}

function databaseUrl(superuserUrl: string, database: string, role?: string, password?: string): string {
  const url = new URL(superuserUrl);
  url.pathname = `/${database}`;
  if (role !== undefined) url.username = role;
  if (password !== undefined) url.password = password;
  return url.href;
}

async function runAsSuperuser(superuserUrl: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: superuserUrl });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
