import { randomUUID } from "node:crypto";
import type { Child } from "hono/jsx";

import { suspensionReasons } from "../../domain/account/suspension.ts";
import { toTypeId } from "../../domain/id.ts";
import { AccountQueueQuery } from "../v1/admin/account-case.schema.ts";
import { QueueRow, adminPlace, showQueue } from "./admin-queue.tsx";
import type { AdminPlace } from "./admin-queue.tsx";
import type { AccountCase, AccountCaseSummary } from "./api-types.ts";
import { callApi } from "./call-api.ts";
import type { ConsoleContext } from "./console-env.ts";
import { showAdminPage } from "./layout.tsx";
import { Chip, Facts, Said, Time } from "./parts.tsx";
import { wordFor } from "./words.ts";
import type { Words } from "./words.ts";

type Props = { account: AccountCase; viewer: AdminPlace };
type Appeal = AccountCase["appeals"][number];

const page = "/console/admin/accounts";
const queues = ["appealed", "suspended"] as const;

/** Whose owner waits for an answer, or all that are suspended; any other account by its address. */
export function showAccountQueue(c: ConsoleContext): Promise<Response> {
  const { accounts } = c.var.visitor.words;
  const queue = AccountQueueQuery.shape.queue.safeParse(c.req.query("queue")).data ?? "appealed";
  return showQueue<typeof queue, AccountCaseSummary>(c, {
    section: "accounts",
    title: accounts.title,
    path: "/admin/accounts",
    by: "queue",
    states: queues,
    shown: queue,
    names: accounts.queues,
    before: <LookUp words={c.var.visitor.words} />,
    empty: accounts.queueEmpty,
    row: (account, viewer) => (
      <QueueRow
        href={`${page}/${account.id}`}
        since={account.suspendedAt && <Time at={account.suspendedAt} viewer={viewer} />}
      >
        <code>{account.id}</code> <Chips account={account} words={viewer.words} />
      </QueueRow>
    ),
  });
}

function LookUp({ words }: { words: Words }) {
  const { accounts } = words;
  return (
    <form method="post" action={`${page}/look-up`} class="decision">
      <h2>{accounts.find}</h2>
      <label for="email">{accounts.email}</label>
      <input id="email" name="email" type="email" autocomplete="off" required />
      <button>{accounts.look}</button>
    </form>
  );
}

function Chips({ account, words }: { account: AccountCaseSummary; words: Words }) {
  const { accounts } = words;
  const { state, reason, openAppeals } = account;
  return (
    <>
      <Chip tone={state === "suspended" ? "bad" : "good"}>{accounts.states[state]}</Chip>{" "}
      {reason === null ? null : <Chip>{wordFor(accounts.reasons, reason)}</Chip>}{" "}
      {openAppeals === 0 ? null : <Chip tone="act">{accounts.appeals(openAppeals)}</Chip>}
    </>
  );
}

export async function showAccountCase(c: ConsoleContext, accountId: string): Promise<Response> {
  const viewer = adminPlace(c);
  const { words, actor } = viewer;
  const path = `/admin/accounts/${encodeURIComponent(accountId)}`;
  const account = await callApi<AccountCase>(c, { method: "GET", path });
  return showAdminPage(c, {
    title: words.accounts.title,
    section: "accounts",
    children: (
      <>
        <p class="back">
          <a href={page}>← {words.accounts.title}</a>
        </p>
        <h1>
          <code>{account.id}</code>
        </h1>
        <p>
          <Chips account={account} words={words} />
        </p>
        <Facts rows={factsOf(account, viewer)} />
        <Signals account={account} viewer={viewer} />
        {actor.scopes.has("accounts.suspend") ? <Decision account={account} viewer={viewer} /> : null}
        <Appeals account={account} viewer={viewer} />
      </>
    ),
  });
}

function factsOf(account: AccountCase, viewer: AdminPlace): (readonly [string, Child])[] {
  const { accounts } = viewer.words;
  const { suspendedAt, suspendedBy, roles, createdAt } = account;
  return [
    [accounts.since, suspendedAt && <Time at={suspendedAt} viewer={viewer} />],
    [accounts.by, suspendedAt && (suspendedBy === null ? accounts.command : <code>{suspendedBy}</code>)],
    [accounts.created, <Time at={createdAt} viewer={viewer} />],
    [accounts.roles, roles.length === 0 ? null : roles.join(", ")],
  ];
}

function Signals({ account, viewer }: Props) {
  const { accounts } = viewer.words;
  return (
    <section aria-labelledby="signals">
      <h2 id="signals">{accounts.signals}</h2>
      {account.signals.length === 0 ? <p class="empty">{accounts.noSignals}</p> : null}
      <ul class="notices">
        {account.signals.map(({ kind, count, lastAt }) => (
          <li class="notice">
            <p>
              {wordFor(accounts.signal, kind)}: {count}
            </p>
            <p class="muted">
              {accounts.last} <Time at={lastAt} viewer={viewer} />
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** One form is one intention: its key makes a repeated click the same decision. */
function Decision({ account, viewer }: Props) {
  const { accounts } = viewer.words;
  const isSuspended = account.state === "suspended";
  const verb = isSuspended ? "reinstate" : "suspend";
  return (
    <form method="post" action={`${page}/${account.id}/${verb}`} class="decision">
      <input type="hidden" name="key" value={randomUUID()} />
      <p class="muted">{isSuspended ? accounts.reinstateHelp : accounts.suspendHelp}</p>
      {isSuspended ? null : (
        <>
          <label for="reason">{accounts.reason}</label>
          <select id="reason" name="reason">
            {suspensionReasons.map((reason) => (
              <option value={reason}>{accounts.reasons[reason]}</option>
            ))}
          </select>
        </>
      )}
      <button class={isSuspended ? "primary" : "danger"}>{accounts[verb]}</button>
    </form>
  );
}

function Appeals({ account, viewer }: Props) {
  const { accounts } = viewer.words;
  return (
    <section aria-labelledby="appeals">
      <h2 id="appeals">{accounts.side}</h2>
      {account.appeals.length === 0 ? <p class="empty">{accounts.noAppeals}</p> : null}
      <ul class="notices">
        {account.appeals.map((appeal) => (
          <li class="notice">
            <p>{appeal.text === null ? accounts.notShown : <Said text={appeal.text} />}</p>
            <p class="muted">
              <Time at={appeal.createdAt} viewer={viewer} /> · {accounts.appealStates[appeal.state]}
              {appeal.answeredBy === null ? null : (
                <>
                  {" "}
                  · {accounts.answeredBy} <code>{appeal.answeredBy}</code>
                </>
              )}
            </p>
            <Answer account={account} appeal={appeal} viewer={viewer} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Answer({ account, appeal, viewer }: Props & { appeal: Appeal }) {
  const { words, actor } = viewer;
  const { accounts } = words;
  if (appeal.state !== "open" || !actor.scopes.has("accounts.suspend")) return null;
  const isOwn = actor.accountId !== null && account.suspendedBy === toTypeId("acc", actor.accountId);
  if (isOwn) return <p class="muted">{accounts.another}</p>;
  return (
    <div class="buttons">
      {(["grant", "refuse"] as const).map((verb) => (
        <form method="post" action={`${page}/${account.id}/appeals/${appeal.id}/${verb}`}>
          <input type="hidden" name="key" value={randomUUID()} />
          <button class={verb === "grant" ? "primary" : "danger"}>{accounts[verb]}</button>
        </form>
      ))}
    </div>
  );
}
