import { AppError } from "../domain/app-error.ts";

type Command = {
  help: string;
  /** False: what the command checks is not so. */
  run: (args: string[]) => Promise<boolean>;
};

/** Ends with 0 when what was asked for is so, with 1 when it is not, with 2 when it could not be found out. */
export async function runCommand({ help, run }: Command): Promise<void> {
  const args = process.argv.slice(2);
  if (args.includes("--help") || args.includes("-h")) return console.log(help);
  try {
    process.exitCode = (await run(args)) ? 0 : 1;
  } catch (error) {
    console.error(isUsage(error) ? `${error.message}\n\n${help}` : explain(error));
    process.exitCode = 2;
  }
}

/** An argument is missing or wrong; the message says which. */
export class UsageError extends Error {}

export function demandOption(name: string, value: string | undefined): string {
  if (value) return value;
  throw new UsageError(`--${name} is missing`);
}

/** `parseArgs` of Node throws TypeErrors with codes of its own. */
function isUsage(error: unknown): error is Error {
  if (error instanceof UsageError) return true;
  return error instanceof Error && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS");
}

function explain(error: unknown): string {
  if (error instanceof AppError) return error.details.public ?? `${error.code}: ${error.details.internal}`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
