import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const help = `npm run coverage:promises             which promises and mission rows a test name carries
npm run coverage:promises -- --missing  those that no test carries

Test names carry P:ONA-06 (a promise) or M:ONAMI-19 (a row of the mission), and only where all of it is proven.
Exits with 1 when a test names an id that does not exist in docs/coverage-ids.json.`;

type Lists = Record<"P" | "M", Record<string, string[]>>;

const checkout = fileURLToPath(new URL("../..", import.meta.url));
const namedId = /\b([PM]):([A-Z]+-\d+)\b/g;

function main(): number {
  const { values } = parseArgs({ options: { help: { type: "boolean" }, missing: { type: "boolean" } } });
  if (values.help) {
    print(help);
    return 0;
  }
  const known = knownIds();
  const named = namedInTests();
  const unknown = [...named].filter(([id]) => !known.has(id));
  for (const [id, file] of unknown) print(`${file} names ${id}, which does not exist`);
  const proven = [...known].filter((id) => named.has(id));
  if (values.missing) for (const id of known) if (!named.has(id)) print(id);
  print(`${proven.length} of ${known.size} ids stand on a test: ${proven.join(" ")}`);
  return unknown.length > 0 ? 1 : 0;
}

function knownIds(): Set<string> {
  const lists = JSON.parse(readFileSync(`${checkout}docs/coverage-ids.json`, "utf8")) as Lists;
  return new Set(
    Object.entries(lists).flatMap(([list, groups]) =>
      Object.entries(groups).flatMap(([group, numbers]) =>
        numbers.map((number) => `${list}:${group}-${number}`),
      ),
    ),
  );
}

function namedInTests(): Map<string, string> {
  const named = new Map<string, string>();
  const files = readdirSync(`${checkout}test`, { recursive: true, encoding: "utf8" });
  for (const file of files.filter((name) => /\.test\.tsx?$/.test(name))) {
    for (const [, list, id] of readFileSync(`${checkout}test/${file}`, "utf8").matchAll(namedId)) {
      named.set(`${list}:${id}`, `test/${file}`);
    }
  }
  return named;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

process.exitCode = main();
