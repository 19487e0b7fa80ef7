import { parseArgs } from "node:util";
import { z } from "zod";

import { listOpenAppeals } from "../db/account-appeals.ts";
import { accountPlace, findAccountLogin, normaliseEmail, platformShopId } from "../db/accounts.ts";
import { openAdminDatabase } from "../db/admin-database.ts";
import type { AdminDatabase } from "../db/admin-database.ts";
import { grantPlatformRole } from "../db/platform-roles.ts";
import { changeSuspension, settleAppeal } from "../db/suspend-account.ts";
import { takeFactorAway } from "../db/take-factor-away.ts";
import { judgePassword } from "../domain/account/judge-password.ts";
import { suspensionReasons } from "../domain/account/suspension.ts";
import type { SuspensionReason } from "../domain/account/suspension.ts";
import { fromTypeId, toTypeId } from "../domain/id.ts";
import type { AccountId, AppealId } from "../domain/id.ts";
import { platformRoles } from "../domain/platform-role.ts";
import { readCommandConfig } from "./command-config.ts";
import { demandSettings } from "./config.ts";
import { makeAccount } from "./create-shop.ts";
import { openCore, systemClock } from "./open-core.ts";
import type { Core } from "./open-core.ts";
import { readSecret } from "./read-secret.ts";
import { UsageError, demandOption, runCommand } from "./run-command.ts";

const help = `npm run admin -- create --email <address> [--role <role>]
npm run admin -- suspend --email <address> --reason <${suspensionReasons.join("|")}>
npm run admin -- reinstate --email <address>
npm run admin -- remove-factor --email <address>
npm run admin -- appeals
npm run admin -- decide --appeal <id> --to granted|refused

create makes an account of the platform and prints its id; there is none by default. Its password, at least 12
characters, comes from SHOPTHREAD_ADMIN_PASSWORD or from the standard input (first line; not shown when typed). An
address that has an account is refused: npm run role gives it a role, also when this command was killed half-way. suspend
ends the account's sessions and mails it; appeals lists what suspended people wrote, and decide answers one of them.
remove-factor is for somebody who lost phone and recovery codes: be sure who asks. It ends the account's sessions and
mails it.

  --role <role>   platform_admin unless said otherwise; ${platformRoles.join(", ")}

Works on the npm start that runs in SHOPTHREAD_HOME, else on what DATABASE_URL… and TEMPORAL_ADDRESS name.`;

const shortestPassword = 12;
const mostShown = 100;

const Email = z.email("must be an address like admin@example.com");

type Options = { email?: string; role?: string; reason?: string; appeal?: string; to?: string };

async function run(args: string[]): Promise<boolean> {
  const text = { type: "string" } as const;
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { email: text, role: text, reason: text, appeal: text, to: text },
  });
  const action = actions[positionals.join(" ")];
  if (action === undefined) throw new UsageError(`the things to do are ${Object.keys(actions).join(", ")}`);
  return action(values);
}

const actions: Record<string, (options: Options) => Promise<boolean>> = {
  create,
  suspend: async ({ email, reason }) => {
    const known = suspensionReasons.find((one) => one === demandOption("reason", reason));
    if (known === undefined) throw new UsageError(`--reason must be one of ${suspensionReasons.join(", ")}`);
    return suspend({ email, reason: known });
  },
  reinstate: ({ email }) => suspend({ email, reason: null }),
  "remove-factor": ({ email }) =>
    withAccount(email, (core, accountId) =>
      core.db.withShop(platformShopId, (trx) => takeFactorAway(trx, { accountId, now: core.clock.now() })),
    ),
  appeals: () => withCore(showAppeals),
  decide,
};

await runCommand({ help, run });

async function create({ email: given, role: wanted = "platform_admin" }: Options): Promise<boolean> {
  const email = readEmail(given);
  const role = platformRoles.find((known) => known === wanted);
  if (role === undefined) throw new UsageError(`--role must be one of ${platformRoles.join(", ")}`);
  const password = await readSecret("the new account's password", "SHOPTHREAD_ADMIN_PASSWORD");
  if (password.length < shortestPassword)
    throw new UsageError(`the password needs at least ${shortestPassword} characters`);
  const problem = judgePassword(password, email);
  if (problem !== null) throw new UsageError(`the password is ${problem.replaceAll("_", " ")}`);
  const config = adminConfig(); // before the account is there
  return withCore(async (core) => {
    const platformRole = role === "compliance" ? "compliance" : "admin";
    const accountId = await makeAccount(core, { email, password, platformRole });
    if (accountId === undefined)
      throw new UsageError("this address has an account already\nnpm run role -- grant gives it a role");
    const change = { accountId, role, by: null, now: core.clock.now() };
    await withAdmin(config, (admin) => grantPlatformRole(admin, change));
    console.log(toTypeId("acc", accountId));
    return true;
  });
}

function adminConfig() {
  return demandSettings(readCommandConfig(), "this command", ["DATABASE_URL_ADMIN"]);
}

async function withAdmin(
  { DATABASE_URL_ADMIN: url }: ReturnType<typeof adminConfig>,
  work: (admin: AdminDatabase) => Promise<boolean>,
): Promise<boolean> {
  const admin = openAdminDatabase({ url, maxConnections: 1, name: "admin-command" });
  try {
    return await work(admin);
  } finally {
    await admin.close();
  }
}

function suspend({
  email: given,
  reason,
}: {
  email: string | undefined;
  reason: SuspensionReason | null;
}): Promise<boolean> {
  return withAccount(given, (core, accountId) => {
    const change = { accountId, reason, by: null, now: core.clock.now() };
    return withAdmin(adminConfig(), (admin) => changeSuspension(admin, change));
  });
}

function withAccount(
  given: string | undefined,
  work: (core: Core, accountId: AccountId) => Promise<boolean>,
): Promise<boolean> {
  const email = readEmail(given);
  return withCore(async (core) => {
    const accountId = await findByEmail(core, email);
    if (accountId === undefined) throw new UsageError("no account has this address");
    return work(core, accountId);
  });
}

async function showAppeals(core: Core): Promise<boolean> {
  const appeals = await core.db.withoutShop((trx) => listOpenAppeals(trx, { limit: mostShown }));
  const texts = await core.sealer.open(
    appeals.map(({ id, accountId, body }) => ({
      place: accountPlace(accountId, "account.appeal", id),
      sealed: body,
    })),
  );
  for (const [index, { id, accountId, createdAt }] of appeals.entries()) {
    console.log(`${toTypeId("apl", id)}  ${toTypeId("acc", accountId)}  ${createdAt.toISOString()}`);
    console.log(`${texts[index]?.toString("utf8") ?? "(no longer kept)"}\n`);
  }
  return true;
}

function decide({ appeal, to }: Options): Promise<boolean> {
  const id = fromTypeId<AppealId>("apl", demandOption("appeal", appeal));
  if (id === undefined) throw new UsageError("--appeal must be an id like apl_…");
  if (to !== "granted" && to !== "refused") throw new UsageError("--to must be granted or refused");
  return withAdmin(adminConfig(), async (admin) => {
    const result = await settleAppeal(admin, { id, to, by: null, now: systemClock.now() });
    return result === "answered";
  });
}

function readEmail(given: string | undefined): string {
  const parsed = Email.safeParse(normaliseEmail(demandOption("email", given)));
  if (parsed.success) return parsed.data;
  throw new UsageError(`--email: ${parsed.error.issues[0]?.message ?? "is wrong"}`);
}

async function findByEmail(core: Core, email: string): Promise<AccountId | undefined> {
  const index = await core.blindIndexer.index("platform", "account.email", normaliseEmail(email));
  return (await core.db.withoutShop((trx) => findAccountLogin(trx, index)))?.id;
}

async function withCore(work: (core: Core) => Promise<boolean>): Promise<boolean> {
  const core = await openCore(readCommandConfig(), { name: "admin-command", login: "api", connections: 2 });
  try {
    return await work(core);
  } finally {
    await core.close();
  }
}
