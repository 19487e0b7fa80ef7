import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { join } from "node:path";

/** One upsert of one thing; `value` null removes it. */
export type JournalLine = { kind: string; id: string; value: unknown };

export type Journal = {
  write: (line: JournalLine) => void;
  close: () => void;
};

/**
 * Opens `journal.jsonl` in the folder, replays it, rewrites it compacted (atomic rename) and appends from there.
 * Each line is handed to the operating system before `write` returns, so that `kill -9` loses nothing; a torn last
 * line is dropped.
 */
export function openJournal(dir: string): { journal: Journal; lines: JournalLine[] } {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const file = join(dir, "journal.jsonl");
  const lines = fold(readLines(file));
  const fresh = `${file}.${process.pid}.tmp`;
  const compacted = openSync(fresh, "w", 0o600);
  for (const line of lines) writeSync(compacted, `${JSON.stringify(line)}\n`);
  fsyncSync(compacted);
  closeSync(compacted);
  renameSync(fresh, file);

  let handle: number | null = openSync(file, "a", 0o600);
  const journal: Journal = {
    write(line) {
      if (handle !== null) writeSync(handle, `${JSON.stringify(line)}\n`);
    },
    close() {
      if (handle !== null) closeSync(handle);
      handle = null;
    },
  };
  return { journal, lines };
}

function readLines(file: string): JournalLine[] {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return [];
  }
  const lines: JournalLine[] = [];
  for (const raw of text.split("\n")) {
    try {
      lines.push(JSON.parse(raw) as JournalLine);
    } catch {
      continue;
    }
  }
  return lines;
}

function fold(lines: JournalLine[]): JournalLine[] {
  const latest = new Map<string, JournalLine>();
  for (const line of lines) {
    const key = `${line.kind}\n${line.id}`;
    if (line.value === null) latest.delete(key);
    else latest.set(key, line);
  }
  return [...latest.values()];
}
