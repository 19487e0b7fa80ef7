import type { Hono } from "hono";

import { formatMoney } from "../../domain/money.ts";
import type { ShopSettings, ShopsPages } from "./api-types.ts";
import { callApi } from "./call-api.ts";
import { carryOut } from "./carry-out.ts";
import type { ConsoleContext, ConsoleEnv, Viewer } from "./console-env.ts";
import { readForm } from "./form.ts";
import { showPage } from "./layout.tsx";
import { PagesSection } from "./pages-section.tsx";
import { Said } from "./parts.tsx";

const page = "/console/shop";
const topics = ["openHours", "returns"] as const;
const languages = ["my", "en"] as const;

export function mountShop(app: Hono<ConsoleEnv>): void {
  app.get("/shop", (c) => showShop(c));

  app.post("/shop/agent", async (c) => {
    const isAgentEnabled = (await readForm(c)).optional("isEnabled") === "true";
    return carryOut(c, {
      call: () => ({ method: "PATCH", path: "/shop", body: { isAgentEnabled } }),
      done: isAgentEnabled ? "agentOn" : "agentOff",
      page,
    });
  });

  app.post("/shop", async (c) => {
    const form = await readForm(c);
    const policy = (topic: string) =>
      Object.fromEntries(
        languages.map((language) => [language, form.optional(`${topic}.${language}`) ?? ""]),
      );
    return carryOut(c, {
      call: () => ({
        method: "PATCH",
        path: "/shop",
        ifVersion: form.required("version"),
        body: {
          name: form.required("name"),
          agentName: form.required("agentName"),
          policies: { openHours: policy("openHours"), returns: policy("returns") },
        },
      }),
      done: "saved",
      page,
    });
  });
}

async function showShop(c: ConsoleContext): Promise<Response> {
  const { viewer } = c.var;
  const { words } = viewer;
  const shop = await callApi<ShopSettings>(c, { method: "GET", path: "/shop" });
  const { data: pages } = await callApi<ShopsPages>(c, { method: "GET", path: "/pages" });
  const mayWrite = viewer.actor.scopes.has("shop.write");
  return showPage(c, {
    title: words.shop.title,
    section: "shop",
    children: (
      <>
        <h1>{words.shop.title}</h1>
        {mayWrite ? null : <p class="caution">{words.shop.readOnly}</p>}
        <p class="links">
          {viewer.actor.scopes.has("team.read") ? (
            <a class="button" href="/console/team">
              {words.team.open}
            </a>
          ) : null}
          <a class="button" href="/console/attestations">
            {words.attestations.title}
          </a>
          <a class="button" href="/console/new-shop">
            {words.shop.openAnother}
          </a>
        </p>
        <AgentSwitch shop={shop} viewer={viewer} mayWrite={mayWrite} />
        <PagesSection pages={pages} viewer={viewer} mayWrite={mayWrite} />
        <Settings shop={shop} viewer={viewer} mayWrite={mayWrite} />
        <Zones shop={shop} viewer={viewer} />
      </>
    ),
  });
}

type Props = { shop: ShopSettings; viewer: Viewer };

function AgentSwitch({ shop, viewer, mayWrite }: Props & { mayWrite: boolean }) {
  const { words } = viewer;
  return (
    <section class="card" aria-labelledby="agent">
      <h2 id="agent">{words.shop.agent}</h2>
      <p>{shop.isAgentEnabled ? words.shop.agentIsOn : words.shop.agentIsOff}</p>
      {mayWrite ? (
        <form method="post" action="/console/shop/agent">
          <input type="hidden" name="isEnabled" value={String(!shop.isAgentEnabled)} />
          <button class={shop.isAgentEnabled ? undefined : "primary"}>
            {shop.isAgentEnabled ? words.shop.turnOff : words.shop.turnOn}
          </button>
        </form>
      ) : null}
    </section>
  );
}

function Settings({ shop, viewer, mayWrite }: Props & { mayWrite: boolean }) {
  const { words } = viewer;
  const inLanguage = { my: words.shop.inBurmese, en: words.shop.inEnglish };
  return (
    <form method="post" action={page} class="form">
      <fieldset disabled={!mayWrite}>
        <legend class="hidden-title">{words.shop.title}</legend>
        <input type="hidden" name="version" value={String(shop.version)} />
        <label for="name">{words.shop.name}</label>
        <input id="name" name="name" value={shop.name} maxLength={100} required />
        <label for="agent-name">{words.shop.agentName}</label>
        <input id="agent-name" name="agentName" value={shop.agentName} maxLength={50} required />
        <h2>{words.shop.policies}</h2>
        {topics.flatMap((topic) =>
          languages.map((language) => (
            <>
              <label for={`${topic}-${language}`}>
                {words.shop[topic]} <span class="muted">{inLanguage[language]}</span>
              </label>
              <textarea
                id={`${topic}-${language}`}
                name={`${topic}.${language}`}
                lang={language}
                rows={3}
                maxLength={2000}
              >
                {shop.policies[topic][language]}
              </textarea>
            </>
          )),
        )}
        {mayWrite ? <button class="primary">{words.shop.save}</button> : null}
      </fieldset>
    </form>
  );
}

function Zones({ shop, viewer }: Props) {
  const { words } = viewer;
  const { zones } = shop.policies;
  return (
    <section aria-labelledby="zones">
      <h2 id="zones">{words.shop.zones}</h2>
      {zones.length === 0 ? <p class="empty">{words.shop.noZones}</p> : null}
      <ul class="zones">
        {zones.map((zone) => (
          <li>
            <p>
              <strong>
                <Said text={zone.name} />
              </strong>{" "}
              · <span class="amount">{formatMoney(zone.fee)}</span>
              {zone.acceptsCashOnDelivery ? ` · ${words.shop.cashAccepted}` : ""}
            </p>
            <p class="muted">
              {zone.townships
                .map((township) => (township === "*" ? words.shop.everywhereElse : township))
                .map((township, index) => (
                  <>
                    {index === 0 ? "" : ", "}
                    <Said text={township} />
                  </>
                ))}
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}
