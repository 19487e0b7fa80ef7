import { badParameter } from "./graph-error.ts";

/** The text, if there is one and it is short enough; lengths are UTF-16 units. */
export function limitedText(value: unknown, limit: number, name: string): string {
  if (typeof value !== "string" || value === "")
    throw badParameter(`Param ${name} must be a non-empty string`);
  if (value.length > limit)
    throw badParameter(`Length of param ${name} must be less than or equal to ${limit}`);
  return value;
}
