import { purposeTexts } from "../../domain/privacy/purpose-texts.ts";
import { retentionRules } from "../../domain/privacy/retention-class.ts";
import type { RetentionRule } from "../../domain/privacy/retention-class.ts";
import type { RowPage } from "./collect-pages.ts";
import type { PackageReport } from "./package-report.ts";
import { escapeHtml, renderHtmlRows, toPlainRow } from "./render-rows.ts";

/** Of each table; the files have them all. */
const rowsShown = 100;

const style =
  "body{font:15px/1.6 system-ui,sans-serif;margin:2rem auto;max-width:72rem;padding:0 1rem}" +
  "table{border-collapse:collapse;display:block;overflow-x:auto;font-size:13px}" +
  "td,th{border:1px solid #bbb;padding:.2rem .5rem;text-align:left;vertical-align:top;max-width:28rem}";

/** The page that a person reads, without a script or anything from elsewhere. */
export class ReadablePage {
  private readonly sections = new Map<string, string>();

  add({ scope, table, part, rows }: RowPage): void {
    if (part > 1) return;
    const shown = renderHtmlRows(rows.slice(0, rowsShown).map(toPlainRow));
    const more = rows.length > rowsShown ? `<p>The first ${rowsShown}; all are in the files.</p>` : "";
    const path = `${scope.folder}/${table}`;
    this.sections.set(path, `<h2>${escapeHtml(path)}</h2>${more}${shown}`);
  }

  render({ report, builtAt }: { report: PackageReport; builtAt: Date }): string {
    const parts = [
      "<h1>Your data · သင့်အချက်အလက်များ</h1>",
      `<p>What is kept of you, as of ${builtAt.toISOString()}. Each table is a JSON and a CSV file in this archive; package.json
says what is not copied, and why. What you see empty was never given or is erased.</p>`,
      renderList(
        "Why it is kept",
        report.purposes.map((purpose) => purposeTexts[purpose]),
      ),
      renderList("Kinds of data, and how long they are kept", report.categories.map(describeClass)),
      renderList("Where it came from", report.sources),
      renderList(
        "To whom some of it went",
        report.recipients.map((name) => name.replaceAll("_", " ")),
      ),
      ...this.sections.values(),
    ];
    const head = `<meta charset="utf-8"><meta name="referrer" content="no-referrer"><title>Your data</title>`;
    return `<!doctype html><html lang="en"><head>${head}<style>${style}</style></head><body>${parts.join("\n")}</body></html>\n`;
  }
}

function describeClass(name: keyof typeof retentionRules): string {
  const { defaultDays, starts }: RetentionRule = retentionRules[name];
  const kept = defaultDays === null ? "no limit" : `${defaultDays} days from ${starts.replaceAll("_", " ")}`;
  return `${name}: ${kept}`;
}

function renderList(title: string, items: readonly string[]): string {
  const lines = items.length === 0 ? ["nothing"] : items;
  return `<h2>${escapeHtml(title)}</h2><ul>${lines.map((item) => `<li>${escapeHtml(item)}</li>`).join("")}</ul>`;
}
