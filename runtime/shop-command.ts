import { parseArgs } from "node:util";
import { z } from "zod";
import { toTypeId } from "../domain/id.ts";
import { currencies } from "../domain/money.ts";
import type { ShopPolicies } from "../domain/shop/policies.ts";
import { readCommandConfig } from "./command-config.ts";
import { createShop } from "./create-shop.ts";
import { openCore } from "./open-core.ts";
import { readSecret } from "./read-secret.ts";
import { UsageError, demandOption, runCommand } from "./run-command.ts";

const help = `npm run shop -- create --name <name> --owner-email <address> [options]

Makes a shop and its owner's account, and prints the shop's id. The owner's password comes from
SHOPTHREAD_OWNER_PASSWORD or from the standard input (first line; not shown when typed); an account that has the
address already keeps its own. Opening hours, delivery areas, products and ways to pay are the owner's to fill in.

  --country <code>      two letters (MM)
  --currency <code>     ${currencies.join(", ")} (MMK)
  --time-zone <name>    as in Asia/Yangon (Asia/Yangon)
  --languages <list>    my, en or both, the first one is preferred (my,en)
  --agent-name <name>   what the agent calls itself (Thiri)

Works on the npm start that runs in SHOPTHREAD_HOME, else on what DATABASE_URL… and TEMPORAL_ADDRESS name.`;

const Options = z.object({
  name: z.string().trim().min(1).max(100),
  "owner-email": z.email("must be an address like owner@example.com"),
  country: z.enum(["MM", "ID", "TH", "SG", "MY"]).default("MM"),
  currency: z.enum(currencies).default("MMK"),
  "time-zone": z.string().default("Asia/Yangon").refine(isTimeZone, "must be a time zone like Asia/Yangon"),
  languages: z
    .string()
    .default("my,en")
    .transform((text) => text.split(","))
    .pipe(z.array(z.enum(["my", "en"])).max(2)),
  "agent-name": z.string().trim().min(1).max(50).default("Thiri"),
});

const shortestPassword = 12;
const nothingYet: ShopPolicies = { openHours: { my: "", en: "" }, returns: { my: "", en: "" }, zones: [] };

/** Beside the output, which is the id alone, for scripts. */
const nextSteps = `Next: connect its Page (docs/connect-messenger.md, 3), and give it delivery areas, ways to pay and products (4).
Then check the Page's own settings (5).`;

await runCommand({ help, run });

async function run(args: string[]): Promise<boolean> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      name: { type: "string" },
      "owner-email": { type: "string" },
      country: { type: "string" },
      currency: { type: "string" },
      "time-zone": { type: "string" },
      languages: { type: "string" },
      "agent-name": { type: "string" },
    },
  });
  if (positionals.join(" ") !== "create") throw new UsageError("the only thing to do is create");
  demandOption("name", values.name);
  demandOption("owner-email", values["owner-email"]);
  const options = parseOptions(values);
  const config = readCommandConfig();
  const password = await readSecret("the owner's password", "SHOPTHREAD_OWNER_PASSWORD");
  if (password.length < shortestPassword)
    throw new UsageError(`the password needs at least ${shortestPassword} characters`);
  const core = await openCore(config, { name: "shop-command", login: "api", connections: 2 });
  try {
    const { shopId } = await createShop(core, {
      ...options,
      timeZone: options["time-zone"],
      agentName: options["agent-name"],
      policies: nothingYet,
      owner: { email: options["owner-email"], password },
    });
    console.log(toTypeId("shop", shopId));
    console.error(nextSteps);
    return true;
  } finally {
    await core.close();
  }
}

function parseOptions(values: object): z.output<typeof Options> {
  const parsed = Options.safeParse(values);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `--${String(path[0])}: ${message}`);
  throw new UsageError(problems.join("\n"));
}

function isTimeZone(name: string): boolean {
  try {
    return Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}
