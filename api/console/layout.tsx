import { html } from "hono/html";
import type { Child } from "hono/jsx";

import { countWaiting } from "../../db/waiting-counts.ts";
import type { WaitingCounts } from "../../db/waiting-counts.ts";
import type { Scope } from "../../domain/account/scopes.ts";
import { seenBy } from "../v1/notices.ts";
import { adminSections } from "./admin-sections.ts";
import type { AdminSection } from "./admin-sections.ts";
import type { ConsoleContext, Viewer, Visitor } from "./console-env.ts";
import { FlashBox, Said, liveAttributes } from "./parts.tsx";
import { isByHtmx } from "./see-other.ts";
import { shopChoices } from "./viewer.ts";
import type { Words } from "./words.ts";

export type Section = keyof Omit<Words["nav"], "main">;

const sections: readonly Section[] = [
  "orders",
  "conversations",
  "products",
  "notices",
  "plan",
  "credits",
  "referral",
  "shop",
];

/** Pages that not everybody may see. */
const scopeOf: Partial<Record<Section, Scope>> = {
  orders: "orders.read",
  conversations: "conversations.read",
  notices: "notices.read",
  plan: "subscription.read",
  credits: "credits.read",
  referral: "referral.read",
};

/** No style that htmx would add, no code from attributes, and only the extensions that we load. */
const htmxConfig = JSON.stringify({ includeIndicatorCSS: false, extensions: "sse,console", history: false });

type Page = { title: string; section: Section | null; children: Child };

/** A page for somebody who is signed in. */
export async function showPage(c: ConsoleContext, page: Page): Promise<Response> {
  const { viewer, flash } = c.var;
  const counts = await readCounts(c);
  return sendPage(
    c,
    <Document c={c} language={viewer.language} title={`${page.title} · ${viewer.shop.name}`}>
      <a class="skip" href="#main">
        {viewer.words.skipToContent}
      </a>
      <Top viewer={viewer} />
      <Nav viewer={viewer} section={page.section} counts={counts} />
      <main id="main" tabIndex={-1}>
        <FlashBox flash={flash} viewer={viewer} />
        {page.children}
      </main>
      <div id="live" hidden hx-sse:connect="/console/live" hx-swap="none"></div>
    </Document>,
  );
}

/** Without the doctype browsers fall back to the manners of the nineties. */
export async function sendPage(c: ConsoleContext, document: Child): Promise<Response> {
  return c.html(await html`<!doctype html>${document}`);
}

export async function showNav(c: ConsoleContext): Promise<Response> {
  const asked = c.req.query("section");
  const section = sections.find((known) => known === asked) ?? null;
  return c.html(<Nav viewer={c.var.viewer} section={section} counts={await readCounts(c)} />);
}

export function Document({
  c,
  language,
  title,
  children,
}: {
  c: ConsoleContext;
  language: string;
  title: string;
  children: Child;
}) {
  const { assetPath } = c.var;
  return (
    <html lang={language}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <meta name="htmx-config" content={htmxConfig} />
        <title>{title}</title>
        <link rel="stylesheet" href={assetPath("console.css")} />
        <link rel="icon" href={assetPath("icon.svg")} />
      </head>
      <body>
        {children}
        {isByHtmx(c) ? null : (
          <>
            <script src={assetPath("htmx.js")}></script>
            <script src={assetPath("hx-sse.js")}></script>
            <script src={assetPath("console.js")}></script>
          </>
        )}
      </body>
    </html>
  );
}

function Top({ viewer }: { viewer: Viewer }) {
  return (
    <header class="top">
      <p class="shop-name">
        <Said text={viewer.shop.name} />
      </p>
      <div class="top-actions">
        <ShopSwitch viewer={viewer} />
        <VisitorForms visitor={viewer} />
      </div>
    </header>
  );
}

function VisitorForms({ visitor }: { visitor: Visitor }) {
  const { words, language } = visitor;
  const other = language === "my" ? "en" : "my";
  return (
    <>
      <form method="post" action="/console/language">
        <input type="hidden" name="language" value={other} />
        <button class="quiet" lang={other}>
          {words.otherLanguage}
        </button>
      </form>
      <a class="button quiet" href="/console/account">
        {words.account.short}
      </a>
      <form method="post" action="/console/sign-out">
        <button class="quiet">{words.session.signOut}</button>
      </form>
    </>
  );
}

export { platformTimeZone } from "../../domain/subscription/calendar.ts";

/** A page for somebody of the platform, who looks into no shop. */
export function showAdminPage(
  c: ConsoleContext,
  page: Omit<Page, "section"> & { section: AdminSection },
): Promise<Response> {
  const { visitor, flash } = c.var;
  const { words, language, actor } = visitor;
  const names: Record<AdminSection, string> = {
    upgrades: words.admin.queue,
    money: words.admin.money,
    "plan-payments": words.admin.payments,
    payouts: words.payouts.title,
    fraud: words.fraud.title,
    applications: words.applications.title,
    accounts: words.accounts.title,
  };
  return sendPage(
    c,
    <Document c={c} language={language} title={`${page.title} · ${words.admin.platform}`}>
      <a class="skip" href="#main">
        {words.skipToContent}
      </a>
      <header class="top">
        <p class="shop-name">{words.admin.platform}</p>
        <div class="top-actions">
          <VisitorForms visitor={visitor} />
        </div>
      </header>
      <nav id="nav" aria-label={words.nav.main}>
        {adminSections
          .filter(({ scope }) => actor.scopes.has(scope))
          .map(({ name }) => (
            <a href={`/console/admin/${name}`} aria-current={name === page.section ? "page" : undefined}>
              <span>{names[name]}</span>
            </a>
          ))}
      </nav>
      <main id="main" tabIndex={-1}>
        <FlashBox flash={flash} viewer={visitor} />
        {page.children}
      </main>
    </Document>,
  );
}

function ShopSwitch({ viewer }: { viewer: Viewer }) {
  const choices = shopChoices(viewer);
  if (choices.length < 2) return null;
  const { session } = viewer.words;
  return (
    <form method="post" action="/console/shop-choice" class="shop-switch">
      <select name="shop" aria-label={session.shop}>
        {choices.map(({ id, name, isCurrent }) => (
          <option value={id} selected={isCurrent}>
            {name}
          </option>
        ))}
      </select>
      <button class="quiet">{session.changeShop}</button>
    </form>
  );
}

function Nav({
  viewer,
  section,
  counts,
}: {
  viewer: Viewer;
  section: Section | null;
  counts: WaitingCounts;
}) {
  const { nav } = viewer.words;
  const badges: Partial<Record<Section, number>> = {
    orders: counts.decisions,
    conversations: counts.people,
    notices: counts.notices,
  };
  const path = `/console/nav?section=${section ?? ""}`;
  return (
    <nav
      id="nav"
      aria-label={nav.main}
      {...liveAttributes("#nav", path, ["orders", "conversations", "notices"])}
    >
      {sectionsFor(viewer).map((name) => (
        <a href={`/console/${name}`} aria-current={name === section ? "page" : undefined}>
          <span>{nav[name]}</span>
          {(badges[name] ?? 0) > 0 ? <span class="badge">{badges[name]}</span> : null}
        </a>
      ))}
    </nav>
  );
}

/** The first page that the viewer may see: not everybody sees the orders. */
export function homeOf(viewer: Viewer): string {
  return `/console/${sectionsFor(viewer)[0] ?? "shop"}`;
}

function sectionsFor({ actor }: Viewer): Section[] {
  return sections.filter((name) => {
    const scope = scopeOf[name];
    return scope === undefined || actor.scopes.has(scope);
  });
}

function readCounts(c: ConsoleContext): Promise<WaitingCounts> {
  const { actor } = c.var.viewer;
  return c.var.deps.db.withShop(actor.shopId, (trx) => countWaiting(trx, seenBy(actor)));
}
