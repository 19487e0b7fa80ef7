import type { Payout, PayoutLine } from "./api-types.ts";
import type { Visitor } from "./console-env.ts";
import { Amount, Chip, Time } from "./parts.tsx";
import type { Tone } from "./parts.tsx";

type Place = Visitor & { shop: { timeZone: string } };

type State = Payout["state"];

/** Whom it pays waits for it; an admin sees whose turn it is. */
export function PayoutChip({ state, names }: { state: State; names: Record<State, string> }) {
  return <Chip tone={toneOf(state)}>{names[state]}</Chip>;
}

function toneOf(state: State): Tone {
  switch (state) {
    case "tallied":
    case "proposed":
    case "executing":
      return "act";
    case "approved":
      return "wait";
    case "paid":
      return "good";
    case "held":
    case "failed":
      return "bad";
    case "cancelled":
      return "plain";
  }
}

/** Level, date and amount of each; of whoever paid nothing. */
export function PayoutLines({ lines, viewer }: { lines: readonly PayoutLine[]; viewer: Place }) {
  const { payouts, referral } = viewer.words;
  return (
    <section aria-labelledby="lines">
      <h2 id="lines">{payouts.line}</h2>
      {lines.length === 0 ? <p class="empty">{payouts.noLines}</p> : null}
      <ul class="notices">
        {lines.map((line) => (
          <li class="notice">
            <p>
              <strong>
                <Amount money={line} />
              </strong>{" "}
              · {referral.lines[line.kind]}
              {line.reason === null ? "" : ` (${referral.reasons[line.reason]})`} ·{" "}
              {referral.level(line.level)}
            </p>
            <p class="muted">
              {payouts.paidOn} <Time at={line.paidAt} viewer={viewer} />
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}
