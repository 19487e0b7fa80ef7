import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";

export type Table = { title: string; head: string[]; rows: string[][] };

export type Report = { command: string; tables: Table[]; notes: string[]; data: unknown };

/** The machine, the day and the commit, without which no figure means anything. */
export function describeRun(): string {
  const all = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  const day = new Date().toISOString().slice(0, 16).replace("T", " ");
  return `${all.length} × ${all[0]?.model.trim() ?? "?"}, ${memory} GiB, Node ${process.versions.node}; ${day} UTC; commit ${commit()}`;
}

export function renderMarkdown({ command, tables, notes }: Report): string {
  const lines = [`\`${command}\` on ${describeRun()}`, ""];
  for (const { title, head, rows } of tables) {
    lines.push(`**${title}**`, "", row(head), row(head.map(() => "---")), ...rows.map(row), "");
  }
  lines.push(...notes.map((note) => `- ${note}`), "");
  return lines.join("\n");
}

/** To the terminal, and to `out`: JSON by its ending, else Markdown. */
export function publish(report: Report, out: string | undefined): void {
  const text = renderMarkdown(report);
  console.log(`\n${text}`);
  if (out === undefined) return;
  const { command, data } = report;
  const json = JSON.stringify({ command, run: describeRun(), data }, undefined, 2);
  writeFileSync(out, out.endsWith(".json") ? `${json}\n` : text);
}

function row(cells: string[]): string {
  return `| ${cells.join(" | ")} |`;
}

function commit(): string {
  try {
    const git = (...args: string[]) => execFileSync("git", args, { encoding: "utf8" }).trim();
    const isChanged = git("status", "--porcelain", "--untracked-files=no") !== "";
    return `${git("rev-parse", "--short", "HEAD")}${isChanged ? " with changes" : ""}`;
  } catch {
    return "unknown";
  }
}
