import type { Child } from "hono/jsx";

import { formatMoney } from "../../domain/money.ts";
import type { Money } from "../../domain/money.ts";
import type { ConsoleContext, Viewer, Visitor } from "./console-env.ts";
import type { Flash } from "./flash.ts";
import { showHidden } from "./hidden-characters.ts";
import { wordFor } from "./words.ts";

/** What somebody wrote: isolated, so that it cannot turn its surroundings around, with hidden characters shown. */
export function Said({ text }: { text: string }) {
  return (
    <bdi>
      {showHidden(text).map((piece) =>
        piece.kind === "text" ? piece.text : <span class="hidden-character">{piece.code}</span>,
      )}
    </bdi>
  );
}

export function Amount({ money }: { money: Money }) {
  return <span class="amount">{formatMoney(money)}</span>;
}

/** Burmese has no short names of months that people know. */
const clocks = {
  my: { locale: "my-MM-u-nu-latn", month: "long", between: "၊ " },
  en: { locale: "en-GB", month: "short", between: ", " },
} as const;

type Place = Pick<Viewer, "language"> & { shop: Pick<Viewer["shop"], "timeZone"> };

/** With the year, where it is not this one: what ends in a year would look like today. */
export function Time({ at, viewer, now = new Date() }: { at: string; viewer: Place; now?: Date }) {
  const { locale, month, between } = clocks[viewer.language];
  const format = (options: Intl.DateTimeFormatOptions, date = new Date(at)) =>
    new Intl.DateTimeFormat(locale, { timeZone: viewer.shop.timeZone, ...options }).format(date);
  const year = { year: "numeric" } as const;
  const isThisYear = format(year) === format(year, now);
  const day = format({ day: "numeric", month, ...(isThisYear ? {} : year) });
  const time = format({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  return <time dateTime={at}>{`${day}${between}${time}`}</time>;
}

export type Tone = "plain" | "act" | "good" | "bad" | "wait";

export function Chip({ tone = "plain", children }: { tone?: Tone; children: Child }) {
  return <span class={`chip chip-${tone}`}>{children}</span>;
}

export function FlashBox({ flash, viewer }: { flash: Flash | undefined; viewer: Pick<Visitor, "words"> }) {
  if (flash === undefined) return null;
  const { words } = viewer;
  const text = wordFor(flash.kind === "problem" ? words.problems : words.flash, flash.code);
  const role = flash.kind === "problem" ? "alert" : "status";
  return (
    <p class={`flash flash-${flash.kind}`} role={role} tabIndex={-1}>
      {text}
    </p>
  );
}

/** Name and value pairs; those without a value are left out. */
export function Facts({ rows }: { rows: readonly (readonly [name: string, value: Child])[] }) {
  const shown = rows.filter(([, value]) => value !== null && value !== undefined && value !== "");
  return (
    <dl class="facts">
      {shown.map(([name, value]) => (
        <div>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** A part of a page that reads itself again when one of the named things changes. */
export function LiveRegion({
  id,
  c,
  names,
  children,
}: {
  id: string;
  c: ConsoleContext;
  names: readonly string[];
  children: Child;
}) {
  const { pathname, search } = new URL(c.req.url);
  return (
    <div id={id} {...liveAttributes(`#${id}`, pathname + search, names)}>
      {children}
    </div>
  );
}

export function liveAttributes(select: string, path: string, names: readonly string[]) {
  return {
    "hx-get": path,
    "hx-trigger": [...names, "missed"].map((name) => `${name} from:#live throttle:700ms`).join(", "),
    "hx-select": select,
    "hx-swap": "outerMorph",
    "hx-sync": "this:queue last",
  };
}

export function Older({ path, text }: { path: string | null; text: string }) {
  if (path === null) return null;
  return (
    <p class="older">
      <a class="button" href={path}>
        {text}
      </a>
    </p>
  );
}
