import type { Hono } from "hono";

import { currentAttestations } from "../../domain/account/policies.ts";
import { callApi } from "./call-api.ts";
import { carryOut } from "./carry-out.ts";
import type { ConsoleContext, ConsoleEnv, Viewer } from "./console-env.ts";
import { readForm } from "./form.ts";
import { showPage } from "./layout.tsx";
import { Agree } from "./open-page.tsx";
import { Time } from "./parts.tsx";

type Attestations = { data: { kind: string; version: string; attestedAt: string }[] };

/** The shop's yearly statements. */
export function mountAttestations(app: Hono<ConsoleEnv>): void {
  app.get("/attestations", (c) => showAttestations(c));
  app.post("/attestations", async (c) => {
    const form = await readForm(c);
    return carryOut(c, {
      call: () => ({
        method: "POST",
        path: "/shop/attestations",
        body: {
          attested: {
            lawfulBasis: form.required("lawful_basis"),
            consumerLaw: form.required("consumer_law"),
          },
        },
      }),
      done: "attested",
      page: "/console/attestations",
    });
  });
}

async function showAttestations(c: ConsoleContext): Promise<Response> {
  const { viewer } = c.var;
  const { attestations } = viewer.words;
  const { data } = await callApi<Attestations>(c, { method: "GET", path: "/shop/attestations" });
  return showPage(c, {
    title: attestations.title,
    section: "shop",
    children: (
      <>
        <h1>{attestations.title}</h1>
        <p class="muted">{attestations.lead}</p>
        <LastAttested at={data[0]?.attestedAt} viewer={viewer} />
        {viewer.actor.role === "owner" ? (
          <form method="post" action="/console/attestations" class="card">
            {Object.entries(currentAttestations).map(([name, { version, text }]) => (
              <Agree name={name} version={version} text={text[viewer.language]} />
            ))}
            <button class="primary">{attestations.attest}</button>
          </form>
        ) : (
          <p class="caution">{viewer.words.shop.readOnly}</p>
        )}
      </>
    ),
  });
}

function LastAttested({ at, viewer }: { at: string | undefined; viewer: Viewer }) {
  const { attestations } = viewer.words;
  if (at === undefined) return <p>{attestations.never}</p>;
  return (
    <p>
      {attestations.attestedAt}: <Time at={at} viewer={viewer} />
    </p>
  );
}
