/** Lists of ids: `{ P: { ONA: ["01", …] }, M: { … } }`, as `docs/coverage-ids.json` has them. */
export type IdLists = Record<"P" | "M", Record<string, string[]>>;

/** Our own words for each promise, and what a test cannot show of it: `docs/promise-texts.json`. */
export type PromiseTexts = {
  policies: Record<string, string>;
  texts: Record<string, Record<string, string>>;
  /** Of which software keeps a part: what the rest is. */
  beyond: Record<string, string>;
  /** Which no software can keep: why. */
  outside: Record<string, string>;
  waits: Record<string, string[]>;
  otherwise: string;
};

export type Standing = "kept" | "partly" | "not yet" | "out of software";
export const standings: readonly Standing[] = ["kept", "partly", "not yet", "out of software"];

export type LedgerRow = { id: string; says: string; standing: Standing; note: string };

/** Where a promise stands, by the tests that carry its id. */
export function standingOf(id: string, tests: readonly string[], texts: PromiseTexts): Standing {
  if (id in texts.outside) return "out of software";
  if (tests.length === 0) return "not yet";
  return id in texts.beyond ? "partly" : "kept";
}

/** The rows of one policy; `tests` answers the files whose tests carry an id such as `P:ONA-06`. */
export function ledgerRows(
  group: string,
  { ids, texts, tests }: { ids: IdLists; texts: PromiseTexts; tests: (id: string) => readonly string[] },
): LedgerRow[] {
  return (ids.P[group] ?? []).map((number) => {
    const id = `${group}-${number}`;
    const says = texts.texts[group]?.[number];
    if (says === undefined) throw new Error(`docs/promise-texts.json has no words for ${id}`);
    const files = tests(`P:${id}`);
    const standing = standingOf(id, files, texts);
    return { id, says, standing, note: noteOf(id, { standing, files, texts }) };
  });
}

function noteOf(
  id: string,
  { standing, files, texts }: { standing: Standing; files: readonly string[]; texts: PromiseTexts },
): string {
  const named = files.map((file) => `\`${file}\``).join(", ");
  switch (standing) {
    case "kept":
      return named;
    case "partly":
      return `${named}; not software's: ${texts.beyond[id]}`;
    case "not yet":
      return `waits for ${waitsFor(id, texts)}`;
    case "out of software":
      return texts.outside[id] ?? "";
  }
}

function waitsFor(id: string, { waits, otherwise }: PromiseTexts): string {
  return Object.entries(waits).find(([, ids]) => ids.includes(id))?.[0] ?? otherwise;
}

/** How many stand where, list by list. */
export function ledgerCounts(
  ids: IdLists,
  texts: PromiseTexts,
  tests: (id: string) => readonly string[],
): { list: string; counts: Record<Standing, number> }[] {
  const promises = Object.keys(ids.P).map((group) => ({
    list: `${texts.policies[group] ?? group}, policy`,
    standings: ledgerRows(group, { ids, texts, tests }).map(({ standing }) => standing),
  }));
  const missions = Object.entries(ids.M).map(([group, numbers]) => ({
    list: `${group}, mission`,
    standings: numbers.map((number): Standing =>
      tests(`M:${group}-${number}`).length > 0 ? "kept" : "not yet",
    ),
  }));
  return [...promises, ...missions].map(({ list, standings: found }) => ({
    list,
    counts: {
      kept: found.filter((one) => one === "kept").length,
      partly: found.filter((one) => one === "partly").length,
      "not yet": found.filter((one) => one === "not yet").length,
      "out of software": found.filter((one) => one === "out of software").length,
    },
  }));
}

/** `docs/promises.md`. */
export function renderLedger(
  ids: IdLists,
  texts: PromiseTexts,
  tests: (id: string) => readonly string[],
): string {
  const parts = Object.keys(ids.P).map((group) => {
    const rows = ledgerRows(group, { ids, texts, tests });
    const cells = rows.map(({ id, says, standing, note }) => [id, says, standing, note]);
    return `## ${texts.policies[group]}\n\n${renderTable(["Id", "Promise", "Stands", "Test, or what it waits for"], cells)}`;
  });
  return `${head}\n\n${parts.join("\n\n")}\n`;
}

const head = `# What we promise, and the test that keeps it

Every sentence of the privacy policies that software can keep or break. _Kept_: the test proves the whole of it. _Partly_: it proves all that software can do. This page is
generated from \`docs/promise-texts.json\` and the names of the tests: \`npm run coverage:promises -- --write\`.`;

/** The table between the README's marks. */
export function renderCounts(counts: ReturnType<typeof ledgerCounts>): string {
  const rows = counts.map(({ list, counts: of }) => [list, ...standings.map((name) => String(of[name]))]);
  const sums = standings.map((name) => String(counts.reduce((sum, { counts: of }) => sum + of[name], 0)));
  return renderTable(["List", ...standings], [...rows, ["all", ...sums]]);
}

const marks = { begin: "<!-- promises:begin -->", end: "<!-- promises:end -->" };

/** The page with the table between its marks; throws when it has none. */
export function withCounts(page: string, table: string): string {
  const from = page.indexOf(marks.begin);
  const to = page.indexOf(marks.end);
  if (from < 0 || to < from) throw new Error(`the page has no ${marks.begin} … ${marks.end}`);
  return `${page.slice(0, from + marks.begin.length)}\n\n${table}\n\n${page.slice(to)}`;
}

/** As the formatter of the pages aligns it. */
function renderTable(heads: string[], rows: string[][]): string {
  const widths = heads.map((head, at) =>
    Math.max(3, head.length, ...rows.map((row) => row[at]?.length ?? 0)),
  );
  const line = (cells: string[]) =>
    `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(" | ")} |`;
  return [line(heads), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
}

type Report = {
  testResults: { name: string; assertionResults: { fullName: string; status: string }[] }[];
};

/** Ids in the names of tests that passed, from vitest's JSON report. */
export function passedIds(report: Report): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const { name, assertionResults } of report.testResults) {
    for (const { fullName, status } of assertionResults) {
      if (status !== "passed") continue;
      for (const id of idsIn(fullName)) addFile(found, id, name);
    }
  }
  return found;
}

export function idsIn(text: string): string[] {
  return [...text.matchAll(/\b([PM]:[A-Z]+-\d+)\b/g)].map(([, id = ""]) => id);
}

export function addFile(found: Map<string, string[]>, id: string, file: string): void {
  const files = found.get(id) ?? [];
  if (!files.includes(file)) found.set(id, [...files, file].toSorted());
}
