import type { Hono } from "hono";

import { readPoliciesInForce } from "../auth/policies-in-force.ts";
import { readReferralCode } from "../../domain/referral/code.ts";
import { ApiProblem, callOpenApi } from "./call-api.ts";
import type { ConsoleContext, ConsoleEnv } from "./console-env.ts";
import { readForm } from "./form.ts";
import type { Form } from "./form.ts";
import { Agree, Field, showOpenPage } from "./open-page.tsx";
import { processorsPath } from "./processors-page.tsx";
import { languageOf } from "./session-language.ts";
import type { Words } from "./words.ts";

/** Pages for somebody who is not signed in: sign-up, forgotten password, appeal. */
export function mountSignUpPages(app: Hono<ConsoleEnv>): void {
  app.get("/sign-up", (c) => showSignUp(c, { referralCode: readReferralCode(c.req.query("ref") ?? "") }));
  app.post("/sign-up", (c) => signUp(c));
  app.get("/forgot", (c) => showForgot(c));
  app.post("/forgot", async (c) => {
    const form = await readForm(c);
    return attempt(c, {
      call: () =>
        callOpenApi(c, { method: "POST", path: "/password-resets", body: { email: form.required("email") } }),
      done: (words) => words.password.forgotSent,
      title: (words) => words.password.forgot,
      again: (problem) => showForgot(c, problem),
    });
  });
  app.get("/reset", (c) => showReset(c, c.req.query("token") ?? ""));
  app.post("/reset", async (c) => {
    const form = await readForm(c);
    const token = form.optional("token") ?? "";
    const body = { token, password: secretOf(form, "password") };
    return attempt(c, {
      call: () => callOpenApi(c, { method: "POST", path: "/password-resets/complete", body }),
      done: (words) => words.password.resetDone,
      title: (words) => words.password.reset,
      again: (problem) => showReset(c, token, problem),
    });
  });
  app.get("/appeal", (c) => showAppeal(c, {}));
  app.post("/appeal", async (c) => {
    const form = await readForm(c);
    const fields = { email: form.optional("email"), text: form.optional("text") };
    const body = () => ({
      email: form.required("email"),
      password: secretOf(form, "password"),
      text: form.required("text"),
    });
    return attempt(c, {
      call: () => callOpenApi(c, { method: "POST", path: "/account-appeals", body: body() }),
      done: (words) => words.appeal.sent,
      title: (words) => words.appeal.title,
      again: (problem) => showAppeal(c, { ...fields, problem }),
    });
  });
}

/** Never trimmed: spaces may belong to a password. */
export function secretOf(form: Form, name: string): string {
  return form.fields.find(([field]) => field === name)?.[1] ?? "";
}

type Attempt = {
  /** May throw `FormProblem` and `ApiProblem`. */
  call: () => Promise<unknown>;
  title: (words: Words) => string;
  done: (words: Words) => string;
  again: (problem: unknown) => Promise<Response>;
};

/** Shows what was done, or the form again with the reason why not. */
async function attempt(c: ConsoleContext, { call, title, done, again }: Attempt): Promise<Response> {
  try {
    await call();
  } catch (problem) {
    return again(problem);
  }
  return showOpenPage(c, {
    title,
    children: (words) => (
      <>
        <p role="status">{done(words)}</p>
        <SignInLink words={words} />
      </>
    ),
  });
}

async function signUp(c: ConsoleContext): Promise<Response> {
  const form = await readForm(c);
  const [email, referralCode] = [form.optional("email"), form.optional("referralCode")];
  const body = () => ({
    email: form.required("email"),
    password: secretOf(form, "password"),
    language: languageOf(c),
    accepted: {
      terms: form.required("terms"),
      privacy: form.required("privacy"),
      processingAbroad: form.required("processing_abroad"),
      adult: form.required("adult"),
    },
    ...(referralCode === undefined ? {} : { referralCode }),
  });
  return attempt(c, {
    call: () => callOpenApi(c, { method: "POST", path: "/accounts", body: body() }),
    title: (words) => words.signUp.checkMail,
    done: (words) => words.signUp.checkMailLead,
    again: (problem) => showSignUp(c, { email, referralCode, problem }),
  });
}

async function showSignUp(
  c: ConsoleContext,
  {
    email,
    referralCode,
    problem,
  }: { email?: string | undefined; referralCode?: string | undefined; problem?: unknown },
): Promise<Response> {
  const inForce = await readPoliciesInForce(c.var.deps);
  return showOpenPage(c, {
    title: (words) => words.signUp.title,
    problem,
    children: (words, language) => (
      <>
        <p class="muted">{words.signUp.lead}</p>
        <form method="post" action="/console/sign-up">
          <Field
            name="email"
            label={words.signUp.address}
            type="email"
            autocomplete="username"
            value={email}
          />
          <NewPassword words={words} label={words.session.password} />
          <Field
            name="referralCode"
            label={words.signUp.referralCode}
            value={referralCode}
            autocomplete="off"
            isOptional
          />
          {Object.entries(inForce).map(([name, { version, text }]) => (
            <Agree name={name} version={version} text={text[language]} />
          ))}
          <button class="primary">{words.signUp.create}</button>
        </form>
        <p>
          <a href="/console/sign-in">{words.signUp.haveAccount}</a>
        </p>
        <p>
          <a href={processorsPath}>{words.processors.title}</a>
        </p>
      </>
    ),
  });
}

export function NewPassword({
  words,
  label,
  name = "password",
}: {
  words: Words;
  label: string;
  name?: string;
}) {
  const help = words.signUp.passwordHelp;
  return <Field name={name} label={label} type="password" autocomplete="new-password" help={help} />;
}

function SignInLink({ words }: { words: Words }) {
  return (
    <p>
      <a class="button" href="/console/sign-in">
        {words.session.signIn}
      </a>
    </p>
  );
}

function showForgot(c: ConsoleContext, problem?: unknown): Promise<Response> {
  return showOpenPage(c, {
    title: (words) => words.password.forgot,
    problem,
    children: (words) => (
      <form method="post" action="/console/forgot">
        <p>{words.password.forgotLead}</p>
        <Field name="email" label={words.signUp.address} type="email" autocomplete="username" />
        <button class="primary">{words.password.forgotAction}</button>
        <p>
          <a href="/console/sign-in">{words.session.signIn}</a>
        </p>
      </form>
    ),
  });
}

function showReset(c: ConsoleContext, token: string, problem?: unknown): Promise<Response> {
  const isOver = problem instanceof ApiProblem && problem.problem.code === "link.invalid";
  return showOpenPage(c, {
    title: (words) => words.password.reset,
    problem,
    children: (words) =>
      isOver ? (
        <p>
          <a class="button" href="/console/forgot">
            {words.password.forgot}
          </a>
        </p>
      ) : (
        <form method="post" action="/console/reset">
          <input type="hidden" name="token" value={token} />
          <NewPassword words={words} label={words.password.newPassword} />
          <button class="primary">{words.password.resetAction}</button>
        </form>
      ),
  });
}

function showAppeal(
  c: ConsoleContext,
  { email, text, problem }: { email?: string | undefined; text?: string | undefined; problem?: unknown },
): Promise<Response> {
  return showOpenPage(c, {
    title: (words) => words.appeal.title,
    problem,
    children: (words) => (
      <form method="post" action="/console/appeal">
        <p>{words.appeal.lead}</p>
        <Field name="email" label={words.signUp.address} type="email" autocomplete="username" value={email} />
        <Field
          name="password"
          label={words.session.password}
          type="password"
          autocomplete="current-password"
        />
        <label for="text">{words.appeal.text}</label>
        <textarea id="text" name="text" rows={6} maxlength={5_000} required>
          {text}
        </textarea>
        <button class="primary">{words.appeal.action}</button>
      </form>
    ),
  });
}
