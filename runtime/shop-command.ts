import { parseArgs } from "node:util";
import { z } from "zod";
import { fromTypeId, toTypeId } from "../domain/id.ts";
import type { ShopId } from "../domain/id.ts";
import { currencies } from "../domain/money.ts";
import { judgePassword } from "../domain/account/judge-password.ts";
import { emptyPolicies } from "../domain/shop/policies.ts";
import { isTimeZone, shopCountries } from "../domain/shop/places.ts";
import { readCommandConfig } from "./command-config.ts";
import { createShop } from "./create-shop.ts";
import { noSuchShop } from "./no-such-shop.ts";
import { giveCredits } from "./give-credits.ts";
import { openCore, systemClock } from "./open-core.ts";
import { readSecret } from "./read-secret.ts";
import { UsageError, demandOption, runCommand } from "./run-command.ts";

const help = `npm run shop -- create --name <name> --owner-email <address> [options]
npm run shop -- grant-credits --shop <shop_…> --credits <number> --key <text> [--days <number>]

Makes a shop and its owner's account, and prints the shop's id. The owner's password comes from
SHOPTHREAD_OWNER_PASSWORD or from the standard input (first line; not shown when typed); an account that has the
address already keeps its own, if the address is confirmed and it has no role of the platform. Opening hours, delivery areas, products and ways to pay are the owner's to fill in.

  --country <code>      two letters (MM)
  --currency <code>     ${currencies.join(", ")} (MMK)
  --time-zone <name>    as in Asia/Yangon (Asia/Yangon)
  --languages <list>    my, en or both, the first one is preferred (my,en)
  --agent-name <name>   what the agent calls itself (Thiri)

grant-credits gives a shop credits for the agent's answers, without an end or for so many days. What the key names is
granted once: the same command again changes nothing. Ends with 1 when it was granted before.

Works on the npm start that runs in SHOPTHREAD_HOME, else on what DATABASE_URL… and TEMPORAL_ADDRESS name.`;

const CreditOptions = z.object({
  credits: z.coerce.number().int().min(1).max(1_000_000_000),
  key: z.string().trim().min(1).max(100),
  days: z.coerce.number().int().min(1).max(3_660).optional(),
});

const Options = z.object({
  name: z.string().trim().min(1).max(100),
  "owner-email": z.email("must be an address like owner@example.com"),
  country: z.enum(shopCountries).default("MM"),
  currency: z.enum(currencies).default("MMK"),
  "time-zone": z.string().default("Asia/Yangon").refine(isTimeZone, "must be a time zone like Asia/Yangon"),
  languages: z
    .string()
    .default("my,en")
    .transform((text) => text.split(","))
    .pipe(z.array(z.enum(["my", "en"])).max(2)),
  "agent-name": z.string().trim().min(1).max(50).default("Thiri"),
});

type Given = Readonly<Record<string, string | undefined>>;

const shortestPassword = 12;

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
      shop: { type: "string" },
      credits: { type: "string" },
      key: { type: "string" },
      days: { type: "string" },
    },
  });
  const verb = positionals.join(" ");
  if (verb === "grant-credits") return grant(values);
  if (verb !== "create") throw new UsageError("what there is to do is create or grant-credits");
  return create(values);
}

async function grant(values: Given): Promise<boolean> {
  const shopId = fromTypeId<ShopId>("shop", demandOption("shop", values["shop"]));
  if (shopId === undefined) throw new UsageError("--shop must be an id that begins with shop_");
  demandOption("credits", values["credits"]);
  demandOption("key", values["key"]);
  const { credits, key, days } = parseOptions(CreditOptions, values);
  const now = systemClock.now();
  const expiresAt = days === undefined ? null : new Date(now.getTime() + days * 24 * 60 * 60_000);
  const grant = { shopId, credits, expiresAt, effectKey: `operator:${key}`, now };
  const isNew = await giveCredits(readCommandConfig(), grant);
  if (isNew === undefined) throw noSuchShop(shopId);
  console.log(isNew ? `${credits} credits granted` : "Granted before; nothing was changed");
  return isNew;
}

async function create(values: Given): Promise<boolean> {
  demandOption("name", values["name"]);
  demandOption("owner-email", values["owner-email"]);
  const options = parseOptions(Options, values);
  const config = readCommandConfig();
  const password = await readSecret("the owner's password", "SHOPTHREAD_OWNER_PASSWORD");
  if (password.length < shortestPassword)
    throw new UsageError(`the password needs at least ${shortestPassword} characters`);
  const problem = judgePassword(password, options["owner-email"]);
  if (problem !== null) throw new UsageError(`the password is ${problem.replaceAll("_", " ")}`);
  const core = await openCore(config, { name: "shop-command", login: "api", connections: 2 });
  try {
    const { shopId } = await createShop(core, {
      ...options,
      timeZone: options["time-zone"],
      agentName: options["agent-name"],
      policies: emptyPolicies,
      owner: { email: options["owner-email"], password },
    });
    console.log(toTypeId("shop", shopId));
    console.error(nextSteps);
    return true;
  } finally {
    await core.close();
  }
}

function parseOptions<Schema extends z.ZodType>(schema: Schema, values: Given): z.output<Schema> {
  const parsed = schema.safeParse(values);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `--${String(path[0])}: ${message}`);
  throw new UsageError(problems.join("\n"));
}
