import { listPurposes, readDataInventory } from "../api/privacy/data-inventory.ts";

type Inventory = ReturnType<typeof readDataInventory>;

const head = `# Data inventory

What is kept, whose it is, for what, how long and how. Made from \`db/inventory\` and \`domain/privacy\` by
\`npm run inventory\`; a column, an object, a store or a process without an entry fails the build. The same for machines:
\`GET /v1/data-inventory\` and \`GET /v1/data-purposes\`.

A column is *sealed* (readable with its owner's key alone), an *index* (keyed hash of something personal), an *id* that
means nothing without the tables, a *credential*, or *plain*: then nothing of a person is in it.`;

/** The text of `docs/data-inventory.md`. */
export function renderInventory(): string {
  const inventory = readDataInventory();
  const parts = [
    head,
    "## Purposes",
    renderPurposes(),
    "## Classes",
    renderClasses(inventory),
    "## Objects",
    renderStores(inventory.objects),
    "## Other stores",
    renderStores(inventory.stores),
    "## Fields of logs",
    inventory.logFields.map(code).join(" "),
    "## Processes",
    renderProcesses(),
    "## Tables",
    ...inventory.tables.map(renderTable),
  ];
  return `${parts.join("\n\n")}\n`;
}

function renderPurposes(): string {
  const rows = listPurposes().map(({ purpose, meaning, basis, isBasisSetByOwner }) => [
    code(purpose),
    meaning,
    basis.replaceAll("_", " "),
    isBasisSetByOwner ? "the shop" : "nobody",
  ]);
  return renderGrid(["Purpose", "Meaning", "Basis", "Who may set another basis"], rows);
}

function renderClasses({ classes }: Inventory): string {
  const rows = classes.map(({ name, starts, defaultDays, bounds, afterErasure }) => [
    code(name),
    starts.replaceAll("_", " "),
    defaultDays === null ? "no limit" : String(defaultDays),
    bounds === null ? "fixed" : `${bounds.minDays}–${bounds.maxDays}`,
    afterErasure.replaceAll("_", " "),
  ]);
  return renderGrid(["Class", "Starts with", "Days", "May be set to", "After erasure"], rows);
}

function renderStores(stores: Inventory["stores"]): string {
  const rows = stores.map(({ name, owners, purposes, class: retentionClass, holds, protection }) => [
    code(name),
    holds,
    owners.join(", ") || "nobody",
    purposes.join(", "),
    code(retentionClass),
    protection,
  ]);
  return renderGrid(["Name", "Holds", "Whose", "Purposes", "Class", "Protection"], rows);
}

function renderProcesses(): string {
  const found = new Map<string, { kind: string; name: string; purposes: string[] }>();
  for (const { purpose, processes } of listPurposes()) {
    for (const { kind, name } of processes) {
      const known = found.get(`${kind} ${name}`) ?? { kind, name, purposes: [] };
      found.set(`${kind} ${name}`, { ...known, purposes: [...known.purposes, purpose] });
    }
  }
  const rows = [...found]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([, { kind, name, purposes }]) => [kind, code(name), purposes.join(", ")]);
  return renderGrid(["Kind", "Name", "Purposes"], rows);
}

function renderTable({ name, owners, purposes, class: own, columns }: Inventory["tables"][number]): string {
  const whose = owners.map(({ kind, foundBy }) => `${kind} by ${code(foundBy)}`).join(", ") || "nobody";
  const named = (sensitivity: string, label: string) => {
    const found = columns.filter((column) => column.sensitivity === sensitivity);
    const names = found.map((column) =>
      column.class === own ? code(column.name) : `${code(column.name)} (${column.class})`,
    );
    return names.length === 0 ? [] : [`- ${label}: ${names.join(" ")}`];
  };
  const lines = [
    `- Whose: ${whose}`,
    `- Purposes: ${purposes.join(", ")}`,
    `- Class: ${code(own)}`,
    ...named("sealed", "Sealed"),
    ...named("blind_index", "Indexes"),
    ...named("pseudonymous_id", "Ids"),
    ...named("credential", "Credentials"),
    ...named("plain", "Plain"),
  ];
  return `### ${name}\n\n${lines.join("\n")}`;
}

function renderGrid(titles: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "or")).join(" | ")} |`;
  return [line(titles), line(titles.map(() => "---")), ...rows.map(line)].join("\n");
}

function code(text: string): string {
  return `\`${text.replaceAll("|", " or ")}\``;
}
