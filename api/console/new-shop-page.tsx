import { randomUUID } from "node:crypto";
import type { Hono } from "hono";

import { currentAttestations } from "../../domain/account/policies.ts";
import { currencies } from "../../domain/money.ts";
import { shopCountries } from "../../domain/shop/places.ts";
import { callApi } from "./call-api.ts";
import type { ConsoleContext, ConsoleEnv } from "./console-env.ts";
import { setFlash } from "./flash.ts";
import { readForm } from "./form.ts";
import type { Form } from "./form.ts";
import { Agree, Field, showOpenPage } from "./open-page.tsx";
import { rememberShop, requireVisit } from "./viewer.ts";

/** For an account that has no shop yet, or wants another one. */
export function mountNewShopPages(app: Hono<ConsoleEnv>): void {
  app.get("/new-shop", requireVisit, (c) => showNewShop(c, { key: randomUUID() }));

  app.post("/new-shop", requireVisit, async (c) => {
    const form = await readForm(c);
    const key = form.optional("key") ?? randomUUID();
    try {
      const call = { method: "POST", path: "/shops", body: bodyOf(form), idempotencyKey: key } as const;
      const { id } = await callApi<{ id: string }>(c, call);
      rememberShop(c, id);
    } catch (problem) {
      return showNewShop(c, { key, form, problem });
    }
    setFlash(c, { kind: "done", code: "shopOpened" });
    return c.redirect("/console/products", 303);
  });
}

function bodyOf(form: Form) {
  return {
    name: form.required("name"),
    country: form.required("country"),
    currency: form.required("currency"),
    timeZone: form.required("timeZone"),
    languages: form.required("languages").split(","),
    agentName: form.required("agentName"),
    attested: {
      lawfulBasis: form.required("lawful_basis"),
      consumerLaw: form.required("consumer_law"),
    },
  };
}

function showNewShop(
  c: ConsoleContext,
  { key, form, problem }: { key: string; form?: Form; problem?: unknown },
): Promise<Response> {
  return showOpenPage(c, {
    title: (words) => words.newShop.title,
    problem,
    children: (words, language) => (
      <>
        <form method="post" action="/console/new-shop">
          <input type="hidden" name="key" value={key} />
          <Field name="name" label={words.shop.name} value={form?.optional("name")} />
          <Field
            name="agentName"
            label={words.shop.agentName}
            value={form?.optional("agentName") ?? "Thiri"}
          />
          <Choice name="country" label={words.newShop.country} choices={shopCountries} form={form} />
          <Choice name="currency" label={words.newShop.currency} choices={currencies} form={form} />
          <Field
            name="timeZone"
            label={words.newShop.timeZone}
            value={form?.optional("timeZone") ?? "Asia/Yangon"}
          />
          <label for="languages">{words.newShop.languages}</label>
          <select id="languages" name="languages">
            {Object.entries(words.newShop.languageChoices).map(([value, name]) => (
              <option value={value} selected={value === form?.optional("languages")}>
                {name}
              </option>
            ))}
          </select>
          {Object.entries(currentAttestations).map(([name, { version, text }]) => (
            <Agree name={name} version={version} text={text[language]} />
          ))}
          <button class="primary">{words.newShop.action}</button>
        </form>
        <p>
          <a href="/console/join">{words.team.accept}</a> ·{" "}
          <a href="/console/account">{words.account.title}</a>
        </p>
      </>
    ),
  });
}

function Choice({
  name,
  label,
  choices,
  form,
}: {
  name: string;
  label: string;
  choices: readonly string[];
  form: Form | undefined;
}) {
  return (
    <>
      <label for={name}>{label}</label>
      <select id={name} name={name}>
        {choices.map((choice) => (
          <option value={choice} selected={choice === form?.optional(name)}>
            {choice}
          </option>
        ))}
      </select>
    </>
  );
}
