import { parseArgs } from "node:util";

import { findAccountLogin, normaliseEmail } from "../db/accounts.ts";
import { openAdminDatabase } from "../db/admin-database.ts";
import { grantPlatformRole, revokePlatformRole } from "../db/platform-roles.ts";
import { platformRoles } from "../domain/platform-role.ts";
import type { PlatformRole } from "../domain/platform-role.ts";
import { readCommandConfig } from "./command-config.ts";
import { demandSettings } from "./config.ts";
import { openCore } from "./open-core.ts";
import { UsageError, demandOption, runCommand } from "./run-command.ts";
import { whyNoRole } from "./why-no-role.ts";

const help = `npm run role -- grant|revoke --email <address> --role <role>

Gives a role of the platform to an account that is there, or takes it away. The first admin is made by npm run admin.

  --role <role>   ${platformRoles.join(", ")}

Works on the npm start that runs in SHOPTHREAD_HOME, else on what DATABASE_URL… and TEMPORAL_ADDRESS name.`;

await runCommand({ help, run });

async function run(args: string[]): Promise<boolean> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { email: { type: "string" }, role: { type: "string" } },
  });
  const verb = positionals.join(" ");
  if (verb !== "grant" && verb !== "revoke") throw new UsageError("say grant or revoke");
  const email = demandOption("email", values.email);
  const role = readRole(demandOption("role", values.role));
  const config = demandSettings(readCommandConfig(), "this command", ["DATABASE_URL_ADMIN"]);
  const core = await openCore(config, { name: "role-command", login: "api", connections: 1 });
  const admin = openAdminDatabase({
    url: config.DATABASE_URL_ADMIN,
    maxConnections: 1,
    name: "role-command",
  });
  try {
    const index = await core.blindIndexer.index("platform", "account.email", normaliseEmail(email));
    const account = await core.db.withoutShop((trx) => findAccountLogin(trx, index));
    if (account === undefined) throw new UsageError("no account has this address");
    const reason = verb === "grant" ? await whyNoRole(core, account) : undefined;
    if (reason !== undefined) throw new UsageError(reason);
    const change = { accountId: account.id, role, by: null, now: core.clock.now() };
    const carryOut = verb === "grant" ? grantPlatformRole : revokePlatformRole;
    console.log((await carryOut(admin, change)) ? "done" : "it was so before");
    return true;
  } finally {
    await admin.close();
    await core.close();
  }
}

function readRole(text: string): PlatformRole {
  const role = platformRoles.find((known) => known === text);
  if (role === undefined) throw new UsageError(`--role: one of ${platformRoles.join(", ")}`);
  return role;
}
