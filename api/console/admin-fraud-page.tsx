import { randomUUID } from "node:crypto";
import type { Child } from "hono/jsx";

import { dismissReasons, upholdReasons } from "../../domain/referral/fraud-reasons.ts";
import type { FraudReason } from "../../domain/referral/fraud-reasons.ts";
import { FlagQueueQuery } from "../v1/admin/fraud-flags.schema.ts";
import { QueueRow, adminPlace, showQueue } from "./admin-queue.tsx";
import type { AdminPlace } from "./admin-queue.tsx";
import type { FlagCase, FlagCaseSummary } from "./api-types.ts";
import { callApi } from "./call-api.ts";
import type { ConsoleContext } from "./console-env.ts";
import { showAdminPage } from "./layout.tsx";
import { Amount, Chip, Facts, Said, Time } from "./parts.tsx";
import { wordFor } from "./words.ts";

const page = "/console/admin/fraud";
const queues = ["review", "upheld", "dismissed"] as const;

/** What weighs more first, then what waits longer. */
export function showFlagQueue(c: ConsoleContext): Promise<Response> {
  const { fraud, fraudRules } = c.var.visitor.words;
  const queue = FlagQueueQuery.shape.queue.safeParse(c.req.query("queue")).data ?? "review";
  return showQueue<typeof queue, FlagCaseSummary>(c, {
    section: "fraud",
    title: fraud.title,
    path: "/admin/fraud-flags",
    by: "queue",
    states: queues,
    shown: queue,
    names: fraud.queues,
    empty: fraud.queueEmpty,
    row: (flag, viewer) => (
      <QueueRow
        href={`${page}/${flag.id}`}
        end={<Held flag={flag} />}
        since={<Time at={flag.raisedAt} viewer={viewer} />}
      >
        <strong>{wordFor(fraudRules, flag.rule)}</strong> <Chips flag={flag} viewer={viewer} />
      </QueueRow>
    ),
  });
}

function Chips({ flag, viewer }: { flag: FlagCaseSummary; viewer: AdminPlace }) {
  const { fraud, referral } = viewer.words;
  const hasAppeal = flag.appealedAt !== null && flag.appealDecidedAt === null;
  return (
    <>
      <Chip tone={flag.severity === "high" ? "bad" : "plain"}>{fraud.severity[flag.severity]}</Chip>{" "}
      <Chip tone={flag.state === "open" ? "act" : "plain"}>{referral.flagStates[flag.state]}</Chip>{" "}
      {hasAppeal ? <Chip tone="act">{fraud.appealed}</Chip> : null}
    </>
  );
}

function Held({ flag }: { flag: FlagCaseSummary }) {
  return (
    <>
      {flag.held.map((money) => (
        <>
          <Amount money={money} />{" "}
        </>
      ))}
    </>
  );
}

export async function showFlagCase(c: ConsoleContext, flagId: string): Promise<Response> {
  const viewer = adminPlace(c);
  const { words, actor } = viewer;
  const path = `/admin/fraud-flags/${encodeURIComponent(flagId)}`;
  const flag = await callApi<FlagCase>(c, { method: "GET", path });
  const hasAppeal = flag.appealedAt !== null && flag.appealDecidedAt === null;
  const isToDecide = flag.state === "open" || (flag.state === "upheld" && hasAppeal);
  return showAdminPage(c, {
    title: words.fraud.title,
    section: "fraud",
    children: (
      <>
        <p class="back">
          <a href={page}>← {words.fraud.title}</a>
        </p>
        <h1>{wordFor(words.fraudRules, flag.rule)}</h1>
        <p>
          <Chips flag={flag} viewer={viewer} />
        </p>
        <Facts rows={factsOf(flag, viewer)} />
        {isToDecide && actor.scopes.has("fraud.decide") ? <Decisions flag={flag} viewer={viewer} /> : null}
        <Story flag={flag} viewer={viewer} />
      </>
    ),
  });
}

function factsOf(flag: FlagCase, viewer: AdminPlace): (readonly [string, Child])[] {
  const { fraud } = viewer.words;
  const { participant, evidence } = flag;
  return [
    [fraud.held, flag.held.length === 0 ? null : <Held flag={flag} />],
    [fraud.raised, <Time at={flag.raisedAt} viewer={viewer} />],
    [fraud.participant, <code>{flag.participantId}</code>],
    [fraud.code, participant.code && <code>{participant.code}</code>],
    [fraud.referrer, participant.referrerId && <code>{participant.referrerId}</code>],
    [fraud.other, evidence.participantId && <code>{evidence.participantId}</code>],
    [fraud.count, evidence.count === null ? null : String(evidence.count)],
    [fraud.appeal, flag.appeal === null ? null : <Said text={flag.appeal} />],
  ];
}

function Decisions({ flag, viewer }: { flag: FlagCase; viewer: AdminPlace }) {
  const { fraud } = viewer.words;
  return (
    <div class="decisions">
      <DecisionForm
        flag={flag}
        viewer={viewer}
        verb="uphold"
        reasons={upholdReasons}
        texts={{ button: fraud.uphold, help: fraud.upholdHelp }}
      />
      <DecisionForm
        flag={flag}
        viewer={viewer}
        verb="dismiss"
        reasons={dismissReasons}
        texts={{ button: fraud.dismiss, help: fraud.dismissHelp }}
      />
    </div>
  );
}

/** One form is one intention: its key makes a repeated click the same decision. */
function DecisionForm({
  flag,
  viewer,
  verb,
  reasons,
  texts,
}: {
  flag: FlagCase;
  viewer: AdminPlace;
  verb: "uphold" | "dismiss";
  reasons: readonly FraudReason[];
  texts: { button: string; help: string };
}) {
  const { fraud } = viewer.words;
  return (
    <form method="post" action={`${page}/${flag.id}/${verb}`} class="decision">
      <input type="hidden" name="key" value={randomUUID()} />
      <p class="muted">{texts.help}</p>
      <label for={`reason-${verb}`}>{fraud.reason}</label>
      <select id={`reason-${verb}`} name="reason">
        {reasons.map((reason) => (
          <option value={reason}>{fraud.reasons[reason]}</option>
        ))}
      </select>
      <button class={verb === "uphold" ? "danger" : "primary"}>{texts.button}</button>
    </form>
  );
}

function Story({ flag, viewer }: { flag: FlagCase; viewer: AdminPlace }) {
  const { fraud, referral } = viewer.words;
  if (flag.decisions.length === 0) return null;
  return (
    <section aria-labelledby="story">
      <h2 id="story">{fraud.story}</h2>
      <ul class="notices">
        {flag.decisions.map(({ decision, reason, answersAppeal, by, at }) => (
          <li class="notice">
            <p>
              {referral.flagStates[decision]}
              {answersAppeal ? ` ${fraud.onAppeal}` : ""} · {wordFor(fraud.reasons, reason)} ·{" "}
              <code>{by}</code>
            </p>
            <p class="muted">
              <Time at={at} viewer={viewer} />
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}
