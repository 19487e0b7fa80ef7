import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Exits with 1 when a page names a file or a command of this repository that is not there. */

const checkout = fileURLToPath(new URL("../..", import.meta.url));
const folders = "activities|api|bench|clients|db|docs|domain|runtime|sim|test|workflows|\\.ci";
const codePath = new RegExp(`\`((?:${folders})/[\\w./{},*-]+)\``, "g");
const link = /\]\((?!https?:|#|mailto:)([^)#\s]+)/g;
const command = /npm run ([\w:-]+)/g;

function pages(): string[] {
  const docs = readdirSync(join(checkout, "docs"), { recursive: true, encoding: "utf8" });
  return ["README.md", ...docs.filter((name) => name.endsWith(".md")).map((name) => `docs/${name}`)];
}

function problemsOf(page: string): string[] {
  const text = readFileSync(join(checkout, page), "utf8");
  const paths = [...text.matchAll(codePath)]
    .map(([, path = ""]) => path)
    .filter((path) => !/[{}*]/.test(path));
  const links = [...text.matchAll(link)].map(([, target = ""]) => join(dirname(page), target));
  const missing = [...paths, ...links].filter((path) => !existsSync(join(checkout, path)));
  const { scripts } = JSON.parse(readFileSync(join(checkout, "package.json"), "utf8")) as {
    scripts: Record<string, string>;
  };
  const commands = [...text.matchAll(command)]
    .map(([, name = ""]) => name)
    .filter((name) => !(name in scripts));
  return [
    ...missing.map((path) => `${page} names ${path}, which is not there`),
    ...commands.map((name) => `${page} names npm run ${name}, which is not there`),
  ];
}

const problems = pages().flatMap(problemsOf);
for (const problem of problems) process.stdout.write(`${problem}\n`);
process.exitCode = problems.length > 0 ? 1 : 0;
