import { text as readText } from "node:stream/consumers";
import { parseArgs } from "node:util";

import { joinRootKey, rotateRootKey, splitRootKey } from "../clients/root-key.ts";
import { listKeyEpochs } from "../db/key-epochs.ts";
import { readCommandConfig, readOutsideConfig } from "./command-config.ts";
import { openCore } from "./open-core.ts";
import type { Core } from "./open-core.ts";
import { UsageError, demandOption, runCommand } from "./run-command.ts";
import { keyRotationSchedule } from "./schedules.ts";
import { statePaths } from "./state-paths.ts";

const help = `npm run keys -- show
npm run keys -- rotate
npm run keys -- rotate-root
npm run keys -- split-root --shares <n> --needed <k>
npm run keys -- join-root

show lists the epochs whose keys wrap all data keys: open for new keys, closing while their keys are wrapped anew, closed,
destroyed. rotate begins the weekly rotation now; it takes a minute and the time of its keys, and goes on by itself.

rotate-root wraps the epoch keys and the index key under a new root key. split-root prints shares of it, one line for one
keeper each: any k of them give it back, fewer tell nothing. join-root reads that many lines from the standard input and
writes root.key where there is none. These three work on the folder keyring/ of SHOPTHREAD_HOME alone, on the machine that
has it; after rotate-root make new shares and a new copy.

show and rotate work on the npm start that runs in SHOPTHREAD_HOME, else on what DATABASE_URL… and TEMPORAL_ADDRESS name.`;

const mostShown = 20;
const mostShares = 20;

type Options = { shares?: string; needed?: string };

const actions: Record<string, (options: Options) => Promise<boolean>> = {
  show: () => withCore(show),
  rotate: () => withCore(rotate),
  "rotate-root": async () => {
    console.log(`${await rotateRootKey(keyringFolder())} keys wrapped under a new root key`);
    return true;
  },
  "split-root": async ({ shares: of, needed: least }) => {
    const shares = readCount("shares", of);
    const needed = readCount("needed", least);
    if (needed > shares) throw new UsageError("--needed must not be more than --shares");
    for (const share of await splitRootKey(keyringFolder(), { shares, needed })) console.log(share);
    return true;
  },
  "join-root": async () => {
    const lines = (await readText(process.stdin)).split("\n").filter((line) => line.trim() !== "");
    console.log(`root key ${await joinRootKey(keyringFolder(), lines)} is in its place`);
    return true;
  },
};

await runCommand({ help, run });

async function run(args: string[]): Promise<boolean> {
  const text = { type: "string" } as const;
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { shares: text, needed: text },
  });
  const action = actions[positionals.join(" ")];
  if (action === undefined) throw new UsageError(`the things to do are ${Object.keys(actions).join(", ")}`);
  return action(values);
}

async function show({ db }: Core): Promise<boolean> {
  const epochs = await db.withoutShop((trx) => listKeyEpochs(trx, { limit: mostShown }));
  for (const { epoch, state, openedAt, closedAt, destroyedAt } of epochs)
    console.log(
      [
        `epoch ${epoch}: ${state}`,
        `opened ${openedAt.toISOString()}`,
        ...(closedAt ? [`closed ${closedAt.toISOString()}`] : []),
        ...(destroyedAt ? [`destroyed ${destroyedAt.toISOString()}`] : []),
      ].join(", "),
    );
  return true;
}

async function rotate({ temporal }: Core): Promise<boolean> {
  await temporal.client.schedule.getHandle(keyRotationSchedule).trigger();
  console.log("begun, or going on; npm run keys -- show tells how far it is");
  return true;
}

async function withCore(work: (core: Core) => Promise<boolean>): Promise<boolean> {
  const core = await openCore(readCommandConfig(), { name: "keys-command", login: "api", connections: 1 });
  try {
    return await work(core);
  } finally {
    await core.close();
  }
}

function keyringFolder(): string {
  return statePaths(readOutsideConfig().SHOPTHREAD_HOME).keyring;
}

function readCount(name: string, given: string | undefined): number {
  const count = Number(demandOption(name, given));
  if (Number.isInteger(count) && count >= 2 && count <= mostShares) return count;
  throw new UsageError(`--${name} must be a number from 2 to ${mostShares}`);
}
