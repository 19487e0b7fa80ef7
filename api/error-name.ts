import { AppError } from "../domain/app-error.ts";

/** What may be logged of an error: its class and code. The text of a driver's error may hold values of a row. */
export function errorName(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if (error instanceof AppError) return `${error.code} ${error.details.internal}`;
  const { code } = error as { code?: unknown };
  return typeof code === "string" ? `${error.name} ${code}` : error.name;
}

/** Where it was thrown: the stack without its first lines, which are the message. */
export function errorFrames(error: unknown): string[] {
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  return stack
    .split("\n")
    .filter((line) => line.startsWith("    at "))
    .slice(0, 12);
}
