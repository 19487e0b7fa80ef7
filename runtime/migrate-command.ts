import { ensureLoginRoles, loginRoles } from "../db/migrate.ts";
import type { LoginRole } from "../db/migrate.ts";
import { sqlState } from "../db/connection.ts";
import { loadPayloadKeys } from "../clients/payload-keys.ts";
import { readOutsideConfig } from "./command-config.ts";
import { databaseLogins, demandSettings } from "./config.ts";
import type { Demanded } from "./config.ts";
import { checkDatabase, prepareDatabase } from "./prepare-database.ts";
import { runCommand } from "./run-command.ts";
import { checkTemporal } from "./servers.ts";
import { statePaths } from "./state-paths.ts";
import { demandTls13 } from "./tls.ts";

const help = `npm run migrate

Makes given servers ready for the processes, before they start and after each release: the five logins with the
passwords of their DATABASE_URL_…, where DATABASE_URL may create roles; the newest schema; Temporal's namespace; the
key of Temporal's payloads. Safe to run again.`;

await runCommand({ help, run });

async function run(): Promise<boolean> {
  demandTls13();
  const names = ["DATABASE_URL", "TEMPORAL_ADDRESS", ...databaseLogins] as const;
  const config = demandSettings(readOutsideConfig(), "npm run migrate", [...names]);
  await checkDatabase(config.DATABASE_URL);
  await makeLogins(config);
  const { migrations } = await prepareDatabase(config.DATABASE_URL, config, passwordsOf(config));
  console.log(migrations.length === 0 ? "No migration is new." : `${migrations.length} migrations applied.`);
  await loadPayloadKeys(statePaths(config.SHOPTHREAD_HOME).payloadKeys);
  await checkTemporal(config.TEMPORAL_ADDRESS, config);
  console.log(`Temporal knows the namespace ${config.TEMPORAL_NAMESPACE}.`);
  return true;
}

type Given = Demanded<"DATABASE_URL" | (typeof databaseLogins)[number]>;

/** Who may not create roles was given logins that exist. */
async function makeLogins(config: Given): Promise<void> {
  try {
    await ensureLoginRoles(config.DATABASE_URL, passwordsOf(config));
  } catch (error) {
    if (sqlState(error) !== "42501") throw error;
  }
}

function passwordsOf(config: Given): Record<LoginRole, string> {
  const passwords = databaseLogins.map((name) => {
    const { username, password } = new URL(config[name]);
    return [username, decodeURIComponent(password)] as const;
  });
  const given = Object.fromEntries(passwords);
  return Object.fromEntries(loginRoles.map((role) => [role, given[role] ?? ""])) as Record<LoginRole, string>;
}
