import { Connection } from "@temporalio/client";
import { Client } from "pg";
import { expect, test } from "vitest";
import { temporalNamespace } from "../support/temporal.ts";
import { createTestDatabase } from "../support/test-database.ts";

test("gives each caller a migrated database of its own, for every login role", async () => {
  const [one, other] = await Promise.all([createTestDatabase(), createTestDatabase()]);
  try {
    expect(one.name).not.toBe(other.name);
    for (const [role, url] of Object.entries(one.urls)) {
      const client = new Client({ connectionString: url });
      await client.connect();
      const { rows } = await client.query("select current_user, current_database()");
      await client.end();
      expect(rows[0]).toEqual({
        current_user: role === "owner" ? "postgres" : role === "keyring" ? "keyring" : `app_${role}`,
        current_database: one.name,
      });
    }
    const owner = new Client({ connectionString: one.urls.owner });
    await owner.connect();
    const { rows } = await owner.query(
      "select count(*)::int as count from pg_tables where schemaname = 'public'",
    );
    await owner.end();
    expect(rows[0].count).toBeGreaterThan(10);
  } finally {
    await Promise.all([one.drop(), other.drop()]);
  }
});

test("gives this worker a namespace that exists already", async () => {
  const { address, namespace } = temporalNamespace();
  const connection = await Connection.connect({ address });
  const found = await connection.workflowService.describeNamespace({ namespace });
  await connection.close();
  expect(found.namespaceInfo?.name).toBe(namespace);
});
