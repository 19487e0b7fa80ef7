import type { Payout, PayoutLinePage, PayoutPage } from "./api-types.ts";
import { callApi } from "./call-api.ts";
import type { ConsoleContext, Viewer } from "./console-env.ts";
import { showPage } from "./layout.tsx";
import { Amount, Facts, Older, Time } from "./parts.tsx";
import { PayoutChip, PayoutLines } from "./payout-parts.tsx";
import { wordFor } from "./words.ts";

const page = "/console/referral/payouts";

/** On the page of the referral: the newest, each with its statement. */
export function PayoutList({ payouts, viewer }: { payouts: PayoutPage; viewer: Viewer }) {
  const { words } = viewer;
  return (
    <section class="card" aria-labelledby="payouts">
      <h2 id="payouts">{words.payouts.mine}</h2>
      {payouts.data.length === 0 ? <p class="empty">{words.payouts.none}</p> : null}
      <ul class="rows">
        {payouts.data.map((payout) => (
          <li>
            <a class="row" href={`${page}/${payout.id}`}>
              <span class="row-main">
                <strong>{payout.period}</strong>{" "}
                <PayoutChip state={payout.state} names={words.ownPayoutState} />
              </span>
              <span class="row-end">
                <Amount money={payout.amount} />
              </span>
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The statement of one payout. */
export async function showOwnPayout(c: ConsoleContext, payoutId: string): Promise<Response> {
  const { viewer } = c.var;
  const { words } = viewer;
  const path = `/payouts/${encodeURIComponent(payoutId)}`;
  const cursor = c.req.query("cursor");
  const more = cursor === undefined ? "" : `&cursor=${encodeURIComponent(cursor)}`;
  const payout = await callApi<Payout>(c, { method: "GET", path });
  const lines = await callApi<PayoutLinePage>(c, { method: "GET", path: `${path}/lines?limit=100${more}` });
  const next = lines.nextCursor;
  return showPage(c, {
    title: words.payouts.statement,
    section: "referral",
    children: (
      <>
        <p class="back">
          <a href="/console/referral">← {words.payouts.back}</a>
        </p>
        <h1>
          {words.payouts.statement} {payout.period}
        </h1>
        <p>
          <PayoutChip state={payout.state} names={words.ownPayoutState} />
        </p>
        <Facts
          rows={[
            [words.payouts.amount, <Amount money={payout.amount} />],
            [words.payouts.obstacle, payout.obstacle && wordFor(words.payoutObstacle, payout.obstacle)],
            [words.payouts.failure, payout.failure && wordFor(words.payoutFailure, payout.failure)],
            [words.payoutState.paid, payout.endedAt && <Time at={payout.endedAt} viewer={viewer} />],
          ]}
        />
        <PayoutLines lines={lines.data} viewer={viewer} />
        <Older
          path={next && `${page}/${payout.id}?cursor=${encodeURIComponent(next)}`}
          text={words.referral.older}
        />
      </>
    ),
  });
}
