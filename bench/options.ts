import { UsageError } from "../runtime/run-command.ts";

/** A number of the command line, within what the command can bear. */
export function numberOption(
  name: string,
  value: string,
  { min = 0, max }: { min?: number; max: number },
): number {
  const number = Number(value);
  if (Number.isFinite(number) && number >= min && number <= max) return number;
  throw new UsageError(`--${name} must be a number from ${min} to ${max}`);
}
