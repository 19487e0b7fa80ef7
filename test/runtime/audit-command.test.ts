import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { expect, test } from "vitest";

import { appendAudit } from "../../db/audit-events.ts";
import { openDatabase } from "../../db/connection.ts";
import { linkLog } from "../../db/system-audit.ts";
import { openSystemDatabase } from "../../db/system-database.ts";
import { newId, toTypeId } from "../../domain/id.ts";
import type { ShopId } from "../../domain/id.ts";
import { createTestDatabase } from "../support/test-database.ts";

test("npm run audit prints heads, and names the first broken link and ends with 1", async () => {
  const database = await createTestDatabase();
  const home = await mkdtemp(join(tmpdir(), "shopthread-audit-"));
  const db = openDatabase({ url: database.urls.api, maxConnections: 1, name: "test" });
  const system = openSystemDatabase({ url: database.urls.system, maxConnections: 1, name: "test" });
  const owner = new Client({ connectionString: database.urls.owner });
  await owner.connect();
  const shopId = newId<ShopId>();
  const event = { shopId, actorKind: "system", actorId: null, action: "order.changed" } as const;
  for (const minute of [1, 2, 3])
    await db.withShop(shopId, (trx) => appendAudit(trx, { ...event, now: new Date(minute * 60_000) }));
  await linkLog(system, { shopId, limit: 10 });

  const run = (...args: string[]) =>
    new Promise<{ code: number; out: string }>((resolve) => {
      const env = {
        ...process.env,
        SHOPTHREAD_HOME: home,
        DATABASE_URL_API: database.urls.api,
        DATABASE_URL_WORKER: database.urls.worker,
        DATABASE_URL_ADMIN: database.urls.admin,
        DATABASE_URL_SYSTEM: database.urls.system,
        DATABASE_URL_KEYRING: database.urls.keyring,
      };
      execFile("node", ["--import", "tsx", "runtime/audit-command.ts", ...args], { env }, (error, out, err) =>
        resolve({ code: error === null ? 0 : Number(error.code), out: out + err }),
      );
    });
  try {
    const { out } = await run("head");
    expect(JSON.parse(out)).toMatchObject({ shopId, sequence: 3 });
    const file = join(home, "given.jsonl");
    await writeFile(file, out);
    expect(await run("verify", "--head", file)).toEqual({ code: 0, out: "1 logs, 0 of them broken\n" });

    await owner.query("set session_replication_role = replica");
    await owner.query("delete from audit_events where sequence = 3");
    await owner.query(
      "update audit_chains set last_sequence = 2, last_hash = e.hash from audit_events e where e.sequence = 2",
    );
    const shop = toTypeId("shop", shopId);
    const cut = await run("verify", "--shop", shop, "--head", file);
    expect(cut).toEqual({ code: 1, out: `1 logs, 1 of them broken\n${shop}: truncated at 3\n` });
  } finally {
    await Promise.all([db.close(), system.close(), owner.end()]);
    await database.drop();
    await rm(home, { recursive: true, force: true });
  }
});
