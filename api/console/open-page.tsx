import type { Child } from "hono/jsx";
import type { ContentfulStatusCode } from "hono/utils/http-status";

import type { Language } from "../../domain/shop/policies.ts";
import { ApiProblem } from "./call-api.ts";
import type { ConsoleContext } from "./console-env.ts";
import { FormProblem } from "./form.ts";
import type { Flash } from "./flash.ts";
import { Document, sendPage } from "./layout.tsx";
import { FlashBox } from "./parts.tsx";
import { problemWord } from "./problem-word.ts";
import { languageOf, rememberLanguage } from "./session-language.ts";
import { wordFor, wordsOf } from "./words.ts";
import type { Words } from "./words.ts";

export type OpenPage = {
  title: (words: Words) => string;
  /** Undefined: nothing went wrong. */
  problem?: unknown;
  children: (words: Words, language: Language) => Child;
};

/** A page for whoever is no viewer: nobody yet, or an account without a shop. */
export async function showOpenPage(c: ConsoleContext, page: OpenPage): Promise<Response> {
  const language = languageOf(c);
  if (c.req.query("language") !== undefined) rememberLanguage(c, language);
  const words = wordsOf(language);
  const text = problemText(c, words, page.problem);
  const flash: Flash | undefined = c.var.flash;
  return sendPage(
    c,
    <Document c={c} language={language} title={`${page.title(words)} · Shopthread`}>
      <main id="main" class="sign-in">
        <h1>{page.title(words)}</h1>
        <FlashBox flash={text === null ? flash : undefined} viewer={{ words }} />
        {text === null ? null : (
          <p class="flash flash-problem" role="alert">
            {text}
          </p>
        )}
        {page.children(words, language)}
        <LanguageLink c={c} language={language} words={words} />
      </main>
    </Document>,
  );
}

/** The words for what was refused, with its status; what is no answer to a form is thrown on. */
function problemText(c: ConsoleContext, words: Words, problem: unknown): string | null {
  if (problem === undefined) return null;
  if (problem instanceof FormProblem) {
    c.status(422);
    return words.problems[problem.code];
  }
  if (problem instanceof ApiProblem && problem.problem.status < 500) {
    c.status(problem.problem.status as ContentfulStatusCode);
    return wordFor(words.problems, problemWord(problem.problem));
  }
  throw problem;
}

/** The same page in the other language; the link in a mail keeps its token. */
function LanguageLink({ c, language, words }: { c: ConsoleContext; language: Language; words: Words }) {
  const other = language === "my" ? "en" : "my";
  const url = new URL(c.req.url);
  url.searchParams.set("language", other);
  return (
    <p>
      <a href={url.pathname + url.search} lang={other}>
        {words.otherLanguage}
      </a>
    </p>
  );
}

export function Field({
  name,
  label,
  type = "text",
  value,
  autocomplete,
  isOptional = false,
  help,
}: {
  name: string;
  label: string;
  type?: string;
  value?: string | undefined;
  autocomplete?: string;
  isOptional?: boolean;
  help?: string;
}) {
  return (
    <>
      <label for={name}>{label}</label>
      <input
        id={name}
        name={name}
        type={type}
        value={value}
        autocomplete={autocomplete}
        required={!isOptional}
        aria-describedby={help === undefined ? undefined : `${name}-help`}
      />
      {help === undefined ? null : (
        <p class="muted small" id={`${name}-help`}>
          {help}
        </p>
      )}
    </>
  );
}

/** A statement to agree to; what is sent is the version of its wording. */
export function Agree({ name, version, text }: { name: string; version: string; text: string }) {
  return (
    <p>
      <label class="choice">
        <input type="checkbox" name={name} value={version} required /> {text}
      </label>
    </p>
  );
}
