import { randomUUID } from "node:crypto";
import type { Hono } from "hono";

import { isCurrency } from "../../domain/money.ts";
import type { Money } from "../../domain/money.ts";
import { readAmount } from "./amount-field.ts";
import type {
  Commission,
  CommissionPage,
  FraudFlag,
  PayoutAccount,
  PayoutPage,
  PayoutPreferences,
  Referral,
} from "./api-types.ts";
import { ApiProblem, callApi } from "./call-api.ts";
import { carryOut } from "./carry-out.ts";
import type { ConsoleContext, ConsoleEnv, Viewer } from "./console-env.ts";
import { FormProblem, readForm } from "./form.ts";
import type { Form } from "./form.ts";
import { showPage } from "./layout.tsx";
import { Amount, Chip, Facts, Older, Time } from "./parts.tsx";
import { PayoutAccountCard } from "./payout-account-form.tsx";
import { PayoutPreferencesCard } from "./payout-preferences-form.tsx";
import { PayoutList, showOwnPayout } from "./payouts-page.tsx";
import { wordFor } from "./words.ts";

const page = "/console/referral";

export function mountReferral(app: Hono<ConsoleEnv>): void {
  app.get("/referral", (c) => showReferral(c));
  app.get("/referral/payouts/:payoutId", (c) => showOwnPayout(c, c.req.param("payoutId")));

  app.post("/referral/join", async (c) => {
    const form = await readForm(c);
    return carryOut(c, {
      call: () => ({
        method: "POST",
        path: "/referral/join",
        body: { termsVersion: Number(form.required("accepted")) },
      }),
      done: "referralJoined",
      page,
    });
  });

  app.post("/referral/account", async (c) => {
    const form = await readForm(c);
    return carryOut(c, {
      call: () => ({
        method: "PUT",
        path: "/payout-account",
        body: {
          kind: form.required("kind"),
          accountName: form.required("accountName"),
          accountNumber: form.required("accountNumber"),
          ...(form.optional("kind") === "bank" ? { bank: form.required("bank") } : {}),
        },
      }),
      done: "payoutAccountSaved",
      page,
      form,
    });
  });

  app.post("/referral/preferences", async (c) => {
    const form = await readForm(c);
    return carryOut(c, {
      call: () => ({
        method: "PUT",
        path: "/payout-preferences",
        body: { schedule: form.required("schedule"), threshold: readThreshold(form) },
      }),
      done: "payoutPreferencesSaved",
      page,
      form,
    });
  });

  app.post("/referral/flags/:flagId/appeal", async (c) => {
    const form = await readForm(c);
    const flagId = encodeURIComponent(c.req.param("flagId"));
    return carryOut(c, {
      call: () => ({
        method: "POST",
        path: `/fraud-flags/${flagId}/appeal`,
        body: { text: form.required("text") },
        idempotencyKey: form.required("key"),
      }),
      done: "appealSent",
      page,
    });
  });
}

/** Empty: the platform's minimum. */
function readThreshold(form: Form): Money | null {
  const text = form.optional("threshold");
  if (text === undefined) return null;
  const currency = form.required("currency");
  const amountMinor = isCurrency(currency) ? readAmount(text, currency) : undefined;
  if (!isCurrency(currency) || amountMinor === undefined) throw new FormProblem("form.bad_amount");
  return { amountMinor, currency };
}

async function showReferral(c: ConsoleContext): Promise<Response> {
  const { viewer } = c.var;
  const { words } = viewer;
  const referral = await callApi<Referral>(c, { method: "GET", path: "/referral" });
  const takesPart = !["not_joined", "submitted", "rejected"].includes(referral.state);
  return showPage(c, {
    title: words.referral.title,
    section: "referral",
    children: (
      <>
        <h1>{words.referral.title}</h1>
        <p class="muted lead-in">
          {words.referral.lead(referral.rateBps.map((bps) => `${bps / 100}%`).join(" + "))}
        </p>
        <TakingPart referral={referral} viewer={viewer} now={c.var.deps.clock.now()} />
        <Flags flags={referral.flags} viewer={viewer} />
        <Earnings referral={referral} viewer={viewer} />
        {takesPart ? <PayoutAccountCard account={await findAccount(c)} viewer={viewer} /> : null}
        {takesPart ? (
          <PayoutPreferencesCard
            preferences={await callApi<PayoutPreferences>(c, { method: "GET", path: "/payout-preferences" })}
            viewer={viewer}
          />
        ) : null}
        {takesPart ? <PayoutList payouts={await readPayouts(c)} viewer={viewer} /> : null}
        <Statement lines={await readLines(c)} viewer={viewer} />
      </>
    ),
  });
}

async function findAccount(c: ConsoleContext): Promise<PayoutAccount | undefined> {
  try {
    return await callApi<PayoutAccount>(c, { method: "GET", path: "/payout-account" });
  } catch (error) {
    if (error instanceof ApiProblem && error.problem.status === 404) return undefined;
    throw error;
  }
}

/** As many as months in two years. */
function readPayouts(c: ConsoleContext): Promise<PayoutPage> {
  return callApi<PayoutPage>(c, { method: "GET", path: "/payouts?limit=24" });
}

function readLines(c: ConsoleContext): Promise<CommissionPage> {
  const cursor = c.req.query("cursor");
  const query = cursor === undefined ? "" : `?cursor=${encodeURIComponent(cursor)}`;
  return callApi<CommissionPage>(c, { method: "GET", path: `/commissions${query}` });
}

type Props = { referral: Referral; viewer: Viewer };

function TakingPart({ now, ...props }: Props & { now: Date }) {
  const { viewer, referral } = props;
  switch (referral.state) {
    case "not_joined":
      return <Join {...props} />;
    case "submitted":
      return <p class="card">{viewer.words.referral.submitted}</p>;
    case "rejected":
      return <Rejected {...props} now={now} />;
    case "active":
    case "suspended":
    case "closed":
      return <Share {...props} />;
  }
}

function Rejected({ referral, viewer, now }: Props & { now: Date }) {
  const { words } = viewer;
  const { reason = null, reapplyFrom = null } = referral.application ?? {};
  return (
    <>
      <section class="card">
        <p class="caution">
          {words.referral.rejected} {reason === null ? null : wordFor(words.referral.rejectReasons, reason)}
        </p>
        {reapplyFrom === null ? null : (
          <p>
            {words.referral.reapplyFrom} <Time at={reapplyFrom} viewer={viewer} />
          </p>
        )}
      </section>
      {reapplyFrom !== null && new Date(reapplyFrom) <= now ? (
        <Join referral={referral} viewer={viewer} />
      ) : null}
    </>
  );
}

function Join({ referral, viewer }: Props) {
  const { words } = viewer;
  return (
    <form method="post" action={`${page}/join`} class="card">
      <label class="choice">
        <input type="checkbox" name="accepted" value={String(referral.termsVersion)} required />{" "}
        {words.referral.accept}
      </label>
      <button class="primary">{words.referral.join}</button>
    </form>
  );
}

function Share({ referral, viewer }: Props) {
  const { words } = viewer;
  const { state, code, link, network, flags } = referral;
  return (
    <section class="card" aria-labelledby="network">
      <h2 id="network">{words.referral.network}</h2>
      {state === "suspended" || state === "closed" ? (
        <p class="caution">
          {words.referral[state]} {flags.some(isAppealable) ? words.referral.mayAppeal : null}
        </p>
      ) : null}
      <Facts
        rows={[
          [words.referral.code, code === null ? null : <strong>{code}</strong>],
          [words.referral.link, link === null ? null : <a href={link}>{link}</a>],
          ...network.map(
            ({ level, people }) => [words.referral.level(level), words.referral.people(people)] as const,
          ),
        ]}
      />
    </section>
  );
}

function Earnings({ referral, viewer }: Props) {
  const { words } = viewer;
  return (
    <section class="card" aria-labelledby="earnings">
      <h2 id="earnings">{words.referral.earnings}</h2>
      {referral.earnings.length === 0 ? <p class="empty">{words.referral.noEarnings}</p> : null}
      {referral.earnings.map(({ currency, ...sums }) => (
        <Facts
          rows={(["pending", "held", "payable", "inPayout", "paid"] as const).map((state) => [
            words.referral[state],
            <Amount money={{ amountMinor: sums[`${state}Minor`], currency }} />,
          ])}
        />
      ))}
    </section>
  );
}

/** Once, also before anything is decided. */
function isAppealable({ appealedAt, state }: FraudFlag): boolean {
  return appealedAt === null && state !== "dismissed";
}

function Flags({ flags, viewer }: { flags: FraudFlag[]; viewer: Viewer }) {
  const { words } = viewer;
  if (flags.length === 0) return null;
  return (
    <section aria-labelledby="flags">
      <h2 id="flags">{words.referral.flags}</h2>
      {flags.map((flag) => (
        <div class="card">
          <p>
            <strong>{wordFor(words.referral.rules, flag.rule)}</strong>{" "}
            <Chip tone={flag.state === "open" ? "wait" : "plain"}>
              {words.referral.flagStates[flag.state]}
            </Chip>{" "}
            <Time at={flag.raisedAt} viewer={viewer} />
          </p>
          {flag.holdsEarnings ? <p>{words.referral.holds}</p> : null}
          {flag.appealedAt === null ? null : <p>{words.referral.appealed}</p>}
          {isAppealable(flag) ? (
            <form method="post" action={`${page}/flags/${flag.id}/appeal`}>
              <input type="hidden" name="key" value={randomUUID()} />
              <label for={`text-${flag.id}`}>{words.referral.appeal}</label>
              <textarea id={`text-${flag.id}`} name="text" rows={3} maxLength={2000} required></textarea>
              <button>{words.referral.sendAppeal}</button>
            </form>
          ) : null}
        </div>
      ))}
    </section>
  );
}

function Statement({ lines, viewer }: { lines: CommissionPage; viewer: Viewer }) {
  const { words } = viewer;
  if (lines.data.length === 0) return null;
  return (
    <section aria-labelledby="statement">
      <h2 id="statement">{words.referral.statement}</h2>
      <ul class="notices">
        {lines.data.map((line) => (
          <StatementLine line={line} viewer={viewer} />
        ))}
      </ul>
      <Older
        path={lines.nextCursor === null ? null : `${page}?cursor=${lines.nextCursor}`}
        text={words.referral.older}
      />
    </section>
  );
}

function StatementLine({ line, viewer }: { line: Commission; viewer: Viewer }) {
  const { referral } = viewer.words;
  return (
    <li class="notice">
      <p>
        <strong>
          <Amount money={line} />
        </strong>{" "}
        · {referral.lines[line.kind]}
        {line.reason === null ? "" : ` (${referral.reasons[line.reason]})`} · {referral.level(line.level)} ·{" "}
        <Chip>{referral.states[line.state]}</Chip>
        {line.heldReason === "holding_period" ? (
          <>
            {" "}
            {referral.until} <Time at={line.maturesAt} viewer={viewer} />
          </>
        ) : null}
      </p>
      <p class="muted">
        <Time at={line.createdAt} viewer={viewer} />
      </p>
    </li>
  );
}
