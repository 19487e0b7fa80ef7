import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { UsageError } from "./run-command.ts";

/**
 * A secret from the environment, else from the standard input: its first line, or typed at a terminal without an echo.
 * Never from the arguments, which everybody on the machine can read.
 */
export async function readSecret(what: string, variable: string): Promise<string> {
  const given = process.env[variable] ?? (await readFirstLine(what));
  const secret = given.trim();
  if (secret === "")
    throw new UsageError(`${what} is missing: set ${variable} or give it on the standard input`);
  return secret;
}

async function readFirstLine(what: string): Promise<string> {
  const isTerminal = process.stdin.isTTY;
  if (isTerminal) process.stderr.write(`${what} (not shown): `);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: silent, terminal: isTerminal });
  try {
    for await (const line of lines) return line;
    return "";
  } finally {
    lines.close();
    process.stdin.unref();
    if (isTerminal) process.stderr.write("\n");
  }
}
