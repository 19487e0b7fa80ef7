import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { Client } from "pg";
import type { Canary } from "./canary-forms.ts";
import { findRunning, readOutsideConfig } from "./command-config.ts";
import { UsageError, runCommand } from "./run-command.ts";
import type { RunFacts } from "./run-file.ts";
import { scanHome } from "./scan-home.ts";
import type { ScanReport } from "./scan-home.ts";
import { statePaths } from "./state-paths.ts";

const help = `npm run scan -- [--home <folder>] [--canaries <file>] [--bytes <file>]… [--] [<text>…]

Searches every file of the state folder but sim/ for texts that must not stand there in clear: database files and
their log, Temporal's database, objects, logs. Each text is searched as UTF-8, UTF-16, hex, base64, JSON and URL
escapes, composed and decomposed, in Zawgyi, with Myanmar digits, phones in their usual spellings, and inside gzip.

  <text>…            what to search for; other users of the machine can see it in the list of processes
  --canaries <file>  one text a line; - reads the standard input
  --bytes <file>     a piece of a picture, searched as it is
  --home <folder>    instead of SHOPTHREAD_HOME

While npm start runs, a CHECKPOINT is made first. Texts of fewer than six bytes are refused. Findings name a text by
its number. Ends with 0 when nothing was found, 1 when something was, 2 when the search could not be made.`;

await runCommand({ help, run });

async function run(args: string[]): Promise<boolean> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      home: { type: "string" },
      canaries: { type: "string" },
      bytes: { type: "string", multiple: true },
    },
  });
  const texts = [...positionals, ...(values.canaries === undefined ? [] : await readLines(values.canaries))];
  const canaries = [...texts.map(named("text")), ...(await Promise.all((values.bytes ?? []).map(readBytes)))];
  if (canaries.length === 0) throw new UsageError("nothing to search for");
  if (canaries.some(({ value }) => Buffer.from(value).length < 6))
    throw new UsageError("a text is too short");
  if (values.home !== undefined) process.env["SHOPTHREAD_HOME"] = values.home;
  const config = readOutsideConfig();
  if (!existsSync(config.SHOPTHREAD_HOME))
    throw new UsageError(`there is no folder ${config.SHOPTHREAD_HOME}`);
  const running = findRunning(config);
  if (running) await checkpoint(running, config.SHOPTHREAD_HOME);
  return describe(await scanHome(config.SHOPTHREAD_HOME, canaries));
}

async function readLines(path: string): Promise<string[]> {
  const text = await readFile(path === "-" ? "/dev/stdin" : path, "utf8");
  return text.split("\n").filter((line) => line.trim() !== "");
}

async function readBytes(path: string, index: number): Promise<Canary> {
  return named("bytes")(await readFile(path), index);
}

function named(kind: string) {
  return (value: string | Uint8Array, index: number): Canary => ({ name: `${kind} ${index + 1}`, value });
}

/** What is still in the server's memory only must be on the disk first. */
async function checkpoint({ databaseUrl, temporalDb }: RunFacts, home: string): Promise<void> {
  if (temporalDb === null) console.log("Temporal is given from outside: its database is not seen here.");
  if (!existsSync(statePaths(home).postgres))
    return console.log("PostgreSQL is given from outside: its files are not seen here.");
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query("checkpoint");
  } finally {
    await client.end();
  }
}

function describe({ hits, files, bytes, unread }: ScanReport): boolean {
  for (const { canary, form, file, offset } of hits)
    console.log(`FOUND ${canary} (${form}) in ${file} at ${offset}`);
  for (const file of unread) console.log(`NOT READ ${file}`);
  const size = `${files} files, ${(bytes / 1e6).toFixed(1)} MB`;
  console.log(`${hits.length === 0 ? "Nothing found" : `${hits.length} findings`} in ${size}.`);
  if (unread.length > 0)
    throw new UsageError(`${unread.length} files could not be read, which proves nothing`);
  return hits.length === 0;
}
