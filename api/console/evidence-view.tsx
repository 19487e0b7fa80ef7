import type { Child } from "hono/jsx";

import type { Evidence, Order, PaymentMethod } from "./api-types.ts";
import type { Viewer } from "./console-env.ts";
import { Amount, Said, Time } from "./parts.tsx";
import { VerdictChip, verdictWord } from "./verdict-chip.tsx";

type Comparison = { evidence: Evidence; order: Order | null; method: PaymentMethod | undefined };

/** The picture beside what was read from it, what the order expects, and what the difference means. */
export function EvidenceView({
  viewer,
  children,
  isWholePage = false,
  ...shown
}: Comparison & { viewer: Viewer; children?: Child; isWholePage?: boolean }) {
  const { words } = viewer;
  const { evidence } = shown;
  const verdict = verdictWord(evidence);
  const titleId = `${evidence.id}-title`;
  return (
    <section class="evidence" id={evidence.id} aria-labelledby={titleId}>
      <SlipPicture evidence={evidence} viewer={viewer} />
      <div class="evidence-facts">
        {isWholePage ? (
          <h1 id={titleId}>{words.evidence.title}</h1>
        ) : (
          <h2 id={titleId}>{words.evidence.title}</h2>
        )}
        {verdict === undefined ? null : (
          <p class="verdict">
            <VerdictChip slip={evidence} viewer={viewer} /> <span>{words.verdictMeaning[verdict]}</span>
          </p>
        )}
        <ReadingTable {...shown} viewer={viewer} />
        <p class="muted">
          {words.evidenceState[evidence.state]} · {words.evidence.receivedAt}{" "}
          <Time at={evidence.receivedAt} viewer={viewer} />
        </p>
        {evidence.state === "undecided" ? <p class="caution">{words.evidence.warning}</p> : null}
        {children}
      </div>
    </section>
  );
}

function SlipPicture({ evidence, viewer }: { evidence: Evidence; viewer: Viewer }) {
  const { words } = viewer;
  // Reading the page again gives a new link each time; the picture that is shown already stays.
  return (
    <figure class="slip" id={`${evidence.id}-picture`} hx-morph-skip="">
      <a href={`/console/evidence/${evidence.id}`}>
        <img src={consolePicture(evidence.picture.url)} alt={words.evidence.picture} />
        <span>{words.evidence.enlarge}</span>
      </a>
    </figure>
  );
}

/** The API's link, by the console: its own path knows the shop that was chosen. */
export function consolePicture(url: string): string {
  return url.replace(/^\/v1\//, "/console/");
}

function ReadingTable({ evidence, order, method, viewer }: Comparison & { viewer: Viewer }) {
  const { words } = viewer;
  const { reading, verdict } = evidence;
  if (reading === null) return <p class="muted">{words.evidence.erased}</p>;
  const { amountMinor, currency, reference, paidAt, payee } = reading;
  const known = currency ?? order?.total.currency ?? viewer.shop.currency;
  const account = method?.details;
  const rows: Row[] = [
    {
      name: words.evidence.amount,
      expected: order === null ? null : <Amount money={order.balance} />,
      read: amountMinor === null ? null : <Amount money={{ amountMinor, currency: known }} />,
      isOff: verdict === "short" || verdict === "over",
    },
    {
      name: words.evidence.payee,
      expected: account ? <Said text={`${account.accountName} · ${account.accountNumber}`} /> : null,
      read: payee === null ? null : <Said text={payee} />,
      isOff: verdict === "wrong_payee",
    },
    {
      name: words.evidence.paidAt,
      expected: order?.placedAt ? (
        <>
          {words.evidence.paidAfter} <Time at={order.placedAt} viewer={viewer} />
        </>
      ) : null,
      read: paidAt === null ? null : <Time at={paidAt} viewer={viewer} />,
      isOff: verdict === "stale",
    },
    {
      name: words.evidence.reference,
      expected: null,
      read: reference === null ? null : <Said text={reference} />,
      isOff: verdict === "duplicate",
    },
  ];
  return <ComparisonTable rows={rows} viewer={viewer} hasExpected={order !== null} />;
}

type Row = { name: string; expected: Child; read: Child; isOff: boolean };

function ComparisonTable({
  rows,
  viewer,
  hasExpected,
}: {
  rows: readonly Row[];
  viewer: Viewer;
  hasExpected: boolean;
}) {
  const { evidence } = viewer.words;
  // On a phone the rows are no table to the browser any more; the roles keep them one to a screen reader.
  return (
    <table class={hasExpected ? "comparison comparison-pair" : "comparison"} role="table">
      <thead role="rowgroup">
        <tr role="row">
          <td role="cell"></td>
          {hasExpected ? (
            <th scope="col" role="columnheader">
              {evidence.expected}
            </th>
          ) : null}
          <th scope="col" role="columnheader">
            {evidence.read}
          </th>
        </tr>
      </thead>
      <tbody role="rowgroup">
        {rows.map(({ name, expected, read, isOff }) => (
          <tr role="row" class={isOff ? "off" : undefined}>
            <th scope="row" role="rowheader">
              {name}
            </th>
            {hasExpected ? <td role="cell">{expected ?? "–"}</td> : null}
            <td role="cell">{read ?? <span class="muted">{evidence.notShown}</span>}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
