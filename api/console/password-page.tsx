import type { Hono } from "hono";

import { showAccountPage } from "./account-layout.tsx";
import { carryOut } from "./carry-out.ts";
import type { ConsoleContext, ConsoleEnv } from "./console-env.ts";
import { readForm } from "./form.ts";
import { Field } from "./open-page.tsx";
import { NewPassword, secretOf } from "./sign-up-pages.tsx";
import { requireVisit } from "./viewer.ts";

const page = "/console/account/password";

/** What an account signs in with: the password, and the address. */
export function mountPasswordPage(app: Hono<ConsoleEnv>): void {
  app.get("/account/password", requireVisit, showPassword);

  app.post("/account/password", requireVisit, async (c) => {
    const form = await readForm(c);
    const body = {
      currentPassword: secretOf(form, "currentPassword"),
      newPassword: secretOf(form, "newPassword"),
    };
    return carryOut(c, {
      call: () => ({ method: "POST", path: "/accounts/current/password", body }),
      done: "passwordChanged",
      page,
      isRenewing: true,
    });
  });

  app.post("/account/email", requireVisit, async (c) => {
    const form = await readForm(c);
    return carryOut(c, {
      call: () => ({
        method: "POST",
        path: "/email-changes",
        body: { email: form.required("email"), password: secretOf(form, "password") },
      }),
      done: "emailAsked",
      page,
    });
  });
}

function showPassword(c: ConsoleContext): Promise<Response> {
  const { words } = c.var.visit;
  const { password, address, account, session } = words;
  return showAccountPage(c, {
    title: account.passwordAndAddress,
    children: (
      <>
        <p>
          <a href="/console/account">{account.title}</a>
        </p>
        <form method="post" action={page} class="card">
          <h2>{password.change}</h2>
          <Field
            name="currentPassword"
            label={password.current}
            type="password"
            autocomplete="current-password"
          />
          <NewPassword words={words} label={password.newPassword} name="newPassword" />
          <button>{password.change}</button>
        </form>
        <form method="post" action="/console/account/email" class="card">
          <h2>{address.change}</h2>
          <Field name="email" label={address.newEmail} type="email" autocomplete="off" />
          <Field name="password" label={session.password} type="password" autocomplete="current-password" />
          <button>{address.change}</button>
        </form>
      </>
    ),
  });
}
