import type { CreditBalance, CreditLine, CreditLinePage } from "./api-types.ts";
import { callApi } from "./call-api.ts";
import type { ConsoleContext, Viewer } from "./console-env.ts";
import { showPage } from "./layout.tsx";
import { Facts, Older, Time } from "./parts.tsx";

/** What is left, and what it went on. */
export async function showCredits(c: ConsoleContext): Promise<Response> {
  const { viewer } = c.var;
  const { words } = viewer;
  const cursor = c.req.query("cursor");
  const query = cursor === undefined ? "" : `?cursor=${encodeURIComponent(cursor)}`;
  const balance = await callApi<CreditBalance>(c, { method: "GET", path: "/credits" });
  const page = await callApi<CreditLinePage>(c, { method: "GET", path: `/credit-lines${query}` });
  return showPage(c, {
    title: words.credits.title,
    section: "credits",
    children: (
      <>
        <h1>{words.credits.title}</h1>
        <Balance balance={balance} viewer={viewer} isNew={cursor === undefined && page.data.length === 0} />
        <section aria-labelledby="lines">
          <h2 id="lines">{words.credits.statement}</h2>
          {page.data.length === 0 ? <p class="empty">{words.credits.empty}</p> : null}
          <ul class="notices">
            {page.data.map((line) => (
              <Line line={line} viewer={viewer} />
            ))}
          </ul>
          <Older
            path={page.nextCursor === null ? null : `/console/credits?cursor=${page.nextCursor}`}
            text={words.credits.older}
          />
        </section>
      </>
    ),
  });
}

type BalanceProps = {
  balance: CreditBalance;
  viewer: Viewer;
  /** Nothing was ever granted: the trial's credits come with the first answer. */
  isNew: boolean;
};

function Balance({ balance, viewer, isNew }: BalanceProps) {
  const { credits } = viewer.words;
  return (
    <section class="card" aria-labelledby="balance">
      <h2 id="balance">{credits.balance}</h2>
      <Facts
        rows={[
          [credits.available, number(balance.available)],
          [credits.reserved, balance.reserved === 0 ? null : number(balance.reserved)],
        ]}
      />
      <p class="muted">{credits.help}</p>
      {balance.grants.length === 0 ? (
        <p class="empty">{isNew ? credits.trialComes : credits.noGrants}</p>
      ) : null}
      {viewer.actor.scopes.has("subscription.write") ? (
        <p>
          <a class="button" href="/console/plan">
            {viewer.words.plan.topUps}
          </a>
        </p>
      ) : null}
      <ul class="notices">
        {balance.grants.map((grant) => (
          <li class="notice">
            <div>
              <p>
                <strong>{credits.kinds[grant.kind]}</strong> ·{" "}
                {credits.leftOf(number(grant.available + grant.reserved), number(grant.granted))}
              </p>
              <p class="muted small">
                {grant.expiresAt === null ? (
                  credits.noEnd
                ) : (
                  <>
                    {credits.until} <Time at={grant.expiresAt} viewer={viewer} />
                  </>
                )}
              </p>
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Line({ line, viewer }: { line: CreditLine; viewer: Viewer }) {
  const { credits } = viewer.words;
  const sign = line.kind === "granted" ? "+" : "−";
  const grants = line.grants.map((grant) => `${credits.kinds[grant.kind]} ${number(grant.credits)}`);
  return (
    <li class="notice">
      <div>
        <p>
          <strong>{credits.lines[line.kind]}</strong>{" "}
          <span class="amount">
            {sign}
            {number(line.credits)}
          </span>
        </p>
        <p class="muted small">
          {grants.join(" · ")}
          {line.costMicroUsd === null ? "" : ` · ${credits.cost} ${dollars(line.costMicroUsd)}`}
        </p>
        <p class="muted small">
          <Time at={line.at} viewer={viewer} />
        </p>
      </div>
      {line.customerId === null || !viewer.actor.scopes.has("conversations.read") ? null : (
        <a class="button quiet" href={`/console/conversations/${line.customerId}`}>
          {credits.openChat}
        </a>
      )}
    </li>
  );
}

function number(value: number): string {
  return value.toLocaleString("en");
}

function dollars(microUsd: number): string {
  return `${(microUsd / 1_000_000).toFixed(6)} USD`;
}
