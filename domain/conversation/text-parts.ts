import { formatMoney } from "../money.ts";
import type { Money } from "../money.ts";
import type { TextLine, TransferAccount } from "./customer-texts.ts";

export const longestTitle = 20;

/** Lines of a message; what does not apply is null and leaves no gap. */
export function joinLines(...parts: (string | null)[]): string {
  return parts.filter((part) => part !== null).join("\n");
}

/** Goods as `• Shirt, M × 2 = 30,000 MMK`. */
export function goodsLines(lines: readonly TextLine[]): string {
  return lines
    .map(({ name, quantity, lineTotal }) => `• ${name} × ${quantity} = ${formatMoney(lineTotal)}`)
    .join("\n");
}

/** The account on lines of their own, the number alone so that it can be copied. */
export function accountLines({
  methodName,
  accountName,
  accountNumber,
  instructions,
}: TransferAccount): string {
  return [methodName, accountName, accountNumber, instructions]
    .filter((part) => part !== null && part.trim() !== "")
    .join("\n");
}

/** `The shop writes: “…”`, or nothing when the owner wrote nothing. */
export function quotedLine(lead: string, words: string | null): string | null {
  const text = words?.trim() ?? "";
  return text === "" ? null : `${lead}“${text}”`;
}

/** `Tracking: …`, or nothing. */
export function labelledLine(label: string, value: string | null): string | null {
  const text = value?.trim() ?? "";
  return text === "" ? null : `${label}${text}`;
}

export function isAboveZero({ amountMinor }: Money): boolean {
  return amountMinor > 0;
}

/** Cut to what Messenger shows of a quick reply; only order numbers, which are ASCII, can make a title too long. */
export function title(text: string): string {
  return text.length <= longestTitle ? text : `${text.slice(0, longestTitle - 1)}…`;
}

export type DurationUnit = "day" | "hour" | "minute";

/** The largest unit that is not misleading: whole days from two days, whole hours from an hour, else minutes; rounded down. */
export function roughDuration(ms: number): { count: number; unit: DurationUnit } {
  const minutes = Math.max(1, Math.floor(ms / 60_000));
  if (minutes >= 2 * 24 * 60) return { count: Math.floor(minutes / (24 * 60)), unit: "day" };
  if (minutes >= 60) return { count: Math.floor(minutes / 60), unit: "hour" };
  return { count: minutes, unit: "minute" };
}
