import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { addFile, idsIn, ledgerCounts, passedIds, renderCounts, renderLedger } from "./promise-ledger.ts";
import { standings, withCounts } from "./promise-ledger.ts";
import type { IdLists, PromiseTexts } from "./promise-ledger.ts";

const help = `npm run coverage:promises                     which promises and mission rows are kept, by the names of the tests
npm run coverage:promises -- --report <file>  by the tests that passed: vitest run --reporter=json --outputFile=<file>
npm run coverage:promises -- --write          writes docs/promises.md and the numbers in README.md
npm run coverage:promises -- --missing        those that no test carries

Test names carry P:ONA-06 (a promise) or M:ONAMI-19 (a row of the mission), and only where all of it is proven.
Exits with 1 when a test names an id that does not exist in docs/coverage-ids.json, when a test that names one has not
passed, or when what --write writes is stale.`;

const checkout = fileURLToPath(new URL("../..", import.meta.url));
const pages = { ledger: "docs/promises.md", readme: "README.md" };

function main(): number {
  const { values } = parseArgs({
    options: {
      help: { type: "boolean" },
      missing: { type: "boolean" },
      write: { type: "boolean" },
      report: { type: "string" },
    },
  });
  if (values.help) return print(help);
  const ids = readJson<IdLists>("docs/coverage-ids.json");
  const texts = readJson<PromiseTexts>("docs/promise-texts.json");
  const known = knownIds(ids);
  const named = namedInTests();
  const passed =
    values.report === undefined
      ? named
      : passedIds(JSON.parse(readFileSync(values.report, "utf8")) as Parameters<typeof passedIds>[0]);
  const unknown = [...named].filter(([id]) => !known.has(id));
  for (const [id, files] of unknown) print(`${files.join(", ")} names ${id}, which does not exist`);
  const failed = [...named].filter(([id]) => known.has(id) && !passed.has(id));
  for (const [id, files] of failed) print(`${files.join(", ")} names ${id}, and no test of it has passed`);
  if (values.missing) for (const id of known) if (!named.has(id)) print(id);

  const filesOf = (found: typeof named) => (id: string) => found.get(id) ?? [];
  const counts = ledgerCounts(ids, texts, filesOf(passed));
  for (const { list, counts: of } of counts) {
    print(`${list.padEnd(20)} ${standings.map((name) => `${of[name]} ${name}`).join(", ")}`);
  }
  const wanted = {
    [pages.ledger]: renderLedger(ids, texts, filesOf(named)),
    [pages.readme]: withCounts(
      readPage(pages.readme),
      renderCounts(ledgerCounts(ids, texts, filesOf(named))),
    ),
  };
  const stale = Object.entries(wanted).filter(([page, text]) => readPage(page) !== text);
  if (values.write) for (const [page, text] of stale) writeFileSync(`${checkout}${page}`, text);
  else for (const [page] of stale) print(`${page} is stale: npm run coverage:promises -- --write`);
  const isStale = stale.length > 0 && !values.write;
  return unknown.length + failed.length > 0 || isStale ? 1 : 0;
}

function knownIds(lists: IdLists): Set<string> {
  return new Set(
    Object.entries(lists).flatMap(([list, groups]) =>
      Object.entries(groups).flatMap(([group, numbers]) =>
        numbers.map((number) => `${list}:${group}-${number}`),
      ),
    ),
  );
}

function namedInTests(): Map<string, string[]> {
  const named = new Map<string, string[]>();
  const files = readdirSync(`${checkout}test`, { recursive: true, encoding: "utf8" });
  for (const file of files.filter((name) => /\.test\.tsx?$/.test(name)).toSorted()) {
    const ids = idsIn(readFileSync(`${checkout}test/${file}`, "utf8"));
    for (const id of ids) addFile(named, id, `test/${file}`);
  }
  return named;
}

function readJson<Value>(path: string): Value {
  return JSON.parse(readFileSync(`${checkout}${path}`, "utf8")) as Value;
}

function readPage(path: string): string {
  try {
    return readFileSync(`${checkout}${path}`, "utf8");
  } catch {
    return "";
  }
}

function print(line: string): number {
  process.stdout.write(`${line}\n`);
  return 0;
}

process.exitCode = main();
