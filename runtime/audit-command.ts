import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";

import { createAuditHeadFile, parseHeads } from "../clients/audit-head-file.ts";
import { platformShopId } from "../db/accounts.ts";
import { listHeads } from "../db/system-audit.ts";
import { openSystemDatabase } from "../db/system-database.ts";
import type { SystemDatabase } from "../db/system-database.ts";
import { fromTypeId, toTypeId } from "../domain/id.ts";
import type { ShopId } from "../domain/id.ts";
import type { WrittenHead } from "../domain/ports/audit-heads.ts";
import { readCommandConfig } from "./command-config.ts";
import { demandSettings } from "./config.ts";
import { systemClock } from "./open-core.ts";
import { UsageError, runCommand } from "./run-command.ts";
import { statePaths } from "./state-paths.ts";
import { verifyAudit } from "./verify-audit.ts";

const help = `npm run audit -- head
npm run audit -- verify [--shop <id>|platform] [--head <file>]

head prints the last link of each audit log, a line of JSON each: keep it where whoever can write the database cannot.
verify walks through every log, or one, and names the first link that does not hold: changed, removed, reordered,
rewritten, or a tail that is gone. It compares with the heads in the file, which are by default those that the worker
wrote beside the keyring in SHOPTHREAD_HOME.

Ends with 1 when a log does not hold.

Works on the npm start that runs in SHOPTHREAD_HOME, else on what DATABASE_URL_SYSTEM names.`;

const pageSize = 1_000;

await runCommand({ help, run });

async function run(args: string[]): Promise<boolean> {
  const text = { type: "string" } as const;
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { shop: text, head: text },
  });
  const config = demandSettings(readCommandConfig(), "this command", ["DATABASE_URL_SYSTEM"]);
  const system = openSystemDatabase({ url: config.DATABASE_URL_SYSTEM, maxConnections: 1, name: "audit" });
  try {
    switch (positionals.join(" ")) {
      case "head":
        return await printHeads(system);
      case "verify":
        return await verify(system, {
          ...(values.shop === undefined ? {} : { shopId: readShop(values.shop) }),
          heads: await readHeads(values.head, statePaths(config.SHOPTHREAD_HOME).auditHeads),
        });
      default:
        throw new UsageError("say head or verify");
    }
  } finally {
    await system.close();
  }
}

async function printHeads(system: SystemDatabase): Promise<boolean> {
  const at = systemClock.now().toISOString();
  let after: ShopId | undefined;
  for (;;) {
    const heads = await listHeads(system, { ...(after === undefined ? {} : { after }), limit: pageSize });
    for (const { hash, lastAt, ...head } of heads)
      console.log(JSON.stringify({ ...head, hash: hash.toString("hex"), lastAt: lastAt.toISOString(), at }));
    after = heads.at(-1)?.shopId;
    if (heads.length < pageSize) return true;
  }
}

async function verify(
  system: SystemDatabase,
  { shopId, heads }: { shopId?: ShopId; heads: WrittenHead[] },
): Promise<boolean> {
  if (heads.length === 0) console.log("No head from outside: a tail that is gone cannot be told.");
  let logs = 0;
  let broken = 0;
  const given = shopId === undefined ? {} : { shopId };
  for await (const log of verifyAudit(system, { ...given, heads, now: systemClock.now() })) {
    logs += 1;
    if (log.broken === undefined) continue;
    broken += 1;
    const { sequence, reason, eventId } = log.broken;
    const entry = eventId === null ? "" : `, entry ${eventId}`;
    console.error(`${nameOf(log.shopId)}: ${reason} at ${sequence}${entry}`);
  }
  console.log(`${logs} logs, ${broken} of them broken`);
  return broken === 0;
}

async function readHeads(given: string | undefined, written: string): Promise<WrittenHead[]> {
  if (given === undefined) return createAuditHeadFile(written).read();
  try {
    return parseHeads(await readFile(given, "utf8"));
  } catch (error) {
    throw new UsageError(`--head: ${error instanceof Error ? error.message : "cannot be read"}`);
  }
}

function readShop(text: string): ShopId {
  const shopId = text === "platform" ? platformShopId : fromTypeId<ShopId>("shop", text);
  if (shopId === undefined) throw new UsageError("--shop must be an id like shop_… or platform");
  return shopId;
}

function nameOf(shopId: ShopId): string {
  return shopId === platformShopId ? "platform" : toTypeId("shop", shopId);
}
