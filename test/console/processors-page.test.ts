import { afterAll, beforeAll, expect, test } from "vitest";

import { createConsoleWorld } from "./console-world.ts";
import type { ConsoleWorld } from "./console-world.ts";

const terms = { region: "US", transfer: "standard_clauses", agreedOn: "2026-03-01" } as const;

let world: ConsoleWorld;
beforeAll(async () => {
  world = await createConsoleWorld();
  Object.assign(world.deps.settings, {
    processors: [
      { name: "meta", hosts: ["graph.facebook.com"], terms: { ...terms, provider: "Meta", endsOn: null } },
      {
        name: "model",
        hosts: ["api.openai.com"],
        terms: { ...terms, provider: "OpenAI", endsOn: "2020-01-01" },
      },
      { name: "push", hosts: ["127.0.0.1:3401"], terms: null },
    ],
  });
});
afterAll(() => world.close());

test("whoever is not signed in finds who gets data, under what, and who gets nothing any more", async () => {
  const { html: signUp } = await world.visit("GET", "/console/sign-up?language=en");
  expect(signUp).toContain('href="/console/processors"');
  const { html, status } = await world.visit("GET", "/console/processors?language=en");
  expect(status).toBe(200);
  const rows = [...html.matchAll(/<tr>(.*?)<\/tr>/gsu)].map(([, row = ""]) =>
    row.replaceAll(/<[^>]+>/gu, " | "),
  );
  expect(rows.find((row) => row.includes("graph.facebook.com"))).toMatch(
    /Meta, US.*2026-03-01 – without an end/u,
  );
  expect(rows.find((row) => row.includes("api.openai.com"))).toMatch(/OpenAI, US.*Gets nothing at present/u);
  expect(rows.find((row) => row.includes("127.0.0.1:3401"))).toContain("On our own machine");
  const { html: burmese } = await world.visit("GET", "/console/processors?language=my");
  expect(burmese).toContain("ကျွန်ုပ်တို့ထံမှ ဒေတာရသူများ");
});
