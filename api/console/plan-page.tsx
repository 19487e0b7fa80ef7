import { randomUUID } from "node:crypto";
import type { Child } from "hono/jsx";

import type {
  OwnReversalPage,
  Plan,
  Referral,
  Subscription,
  TopUp,
  UpgradeRequest,
  UpgradeRequestDetail,
} from "./api-types.ts";
import { callApi } from "./call-api.ts";
import type { ConsoleContext, Viewer } from "./console-env.ts";
import { consolePicture } from "./evidence-view.tsx";
import { showPage } from "./layout.tsx";
import { Amount, Chip, Facts, Said, Time } from "./parts.tsx";
import type { Tone } from "./parts.tsx";
import { Reversals } from "./reversals-section.tsx";
import { upgradeTone } from "./upgrade-tone.ts";

/** What the shop has, its open request, and what it can ask for. */
export async function showPlan(c: ConsoleContext): Promise<Response> {
  const { viewer } = c.var;
  const { words } = viewer;
  const get = <T,>(path: string) => callApi<T>(c, { method: "GET", path });
  const subscription = await get<Subscription>("/subscription");
  const { data: plans } = await get<{ data: Plan[] }>("/plans");
  const { data: topUps } = await get<{ data: TopUp[] }>("/top-ups");
  const { data: requests } = await get<{ data: UpgradeRequest[] }>("/upgrade-requests");
  const { data: reversals } = await get<OwnReversalPage>("/plan-reversals");
  const open = requests.find(isOpen);
  const detail = open && (await get<UpgradeRequestDetail>(`/upgrade-requests/${open.id}`));
  const props = { viewer, plans, topUps };
  return showPage(c, {
    title: words.plan.title,
    section: "plan",
    children: (
      <>
        <h1>{words.plan.title}</h1>
        <Current {...props} subscription={subscription} />
        <p>
          <a href="/console/plan/invoices">{words.invoices.title}</a>
        </p>
        <Downgrade {...props} subscription={subscription} />
        {detail === undefined ? (
          <>
            <Offers {...props} mayNameReferrer={(await get<Referral>("/referral")).mayNameReferrer} />
            <TopUps {...props} />
          </>
        ) : (
          <OpenRequest {...props} request={detail} />
        )}
        <Reversals reversals={reversals} viewer={viewer} nameOf={(of) => nameOfBought(of, props)} />
        <History {...props} requests={requests.filter((request) => !isOpen(request))} />
      </>
    ),
  });
}

type Props = { viewer: Viewer; plans: readonly Plan[]; topUps: readonly TopUp[] };

function isOpen({ state }: UpgradeRequest): boolean {
  return state === "draft" || state === "submitted" || state === "asked_again";
}

/** A version that is no longer offered keeps its code's name. */
function nameOf(code: string, { viewer, plans }: Props): string {
  return plans.find((plan) => plan.code === code)?.names[viewer.language] ?? code;
}

/** What a request is for, by its name. */
export function nameOfBought(
  { planCode, topUpCode }: Pick<UpgradeRequest, "planCode" | "topUpCode">,
  props: Props,
): string {
  if (planCode !== null) return nameOf(planCode, props);
  const topUp = props.topUps.find(({ code }) => code === topUpCode);
  return topUp?.names[props.viewer.language] ?? topUpCode ?? "";
}

function Current({ subscription, ...props }: Props & { subscription: Subscription }) {
  const { viewer } = props;
  const { words } = viewer;
  return (
    <section aria-labelledby="current">
      <h2 id="current">{words.plan.current}</h2>
      <p>
        <strong>{nameOf(subscription.planCode, props)}</strong>{" "}
        {subscription.state === "trial" ? null : (
          <Chip tone={subscriptionTone(subscription.state)}>
            {words.subscriptionState[subscription.state]}
          </Chip>
        )}
      </p>
      {subscription.state === "active" || subscription.state === "trial" ? null : (
        <p role="note">{words.plan.service[subscription.service]}</p>
      )}
      <Facts
        rows={[
          [words.plan.since, <Time at={subscription.startsAt} viewer={viewer} />],
          [words.plan.until, <Time at={subscription.endsAt} viewer={viewer} />],
          [
            words.plan.unlessPaid,
            subscription.next && <NextState next={subscription.next} viewer={viewer} />,
          ],
        ]}
      />
    </section>
  );
}

function subscriptionTone(state: Subscription["state"]): Tone {
  switch (state) {
    case "trial":
      return "plain";
    case "active":
      return "good";
    case "grace":
      return "act";
    case "limited":
    case "suspended":
      return "bad";
  }
}

function NextState({ next, viewer }: { next: NonNullable<Subscription["next"]>; viewer: Viewer }) {
  return (
    <>
      {viewer.words.subscriptionState[next.state]} · <Time at={next.at} viewer={viewer} />
    </>
  );
}

function priceOf(plan: Plan | undefined, { viewer }: Props): number | undefined {
  return plan?.prices.find(({ currency }) => currency === viewer.shop.currency)?.amountMinor;
}

/** The plan for after the end, or the cheaper ones that it could be. */
function Downgrade({ subscription, ...props }: Props & { subscription: Subscription }) {
  const { viewer, plans } = props;
  const { plan: words } = viewer.words;
  const mayAct = viewer.actor.scopes.has("subscription.write");
  const { scheduled, planCode } = subscription;
  if (scheduled !== null) {
    return (
      <section aria-labelledby="scheduled">
        <h2 id="scheduled">{words.scheduled}</h2>
        <p>
          <strong>{nameOf(scheduled.planCode, props)}</strong> ·{" "}
          <Time at={scheduled.startsAt} viewer={viewer} />
        </p>
        <p class="muted">{scheduled.paidMonths > 0 ? words.scheduledPaid : words.scheduledHelp}</p>
        {mayAct && scheduled.paidMonths === 0 ? (
          <form method="post" action="/console/plan/cancel-downgrade">
            <input type="hidden" name="key" value={randomUUID()} />
            <button>{words.cancelDowngrade}</button>
          </form>
        ) : null}
      </section>
    );
  }
  const price = priceOf(
    plans.find(({ code }) => code === planCode),
    props,
  );
  const cheaper = plans.filter((plan) => (priceOf(plan, props) ?? Infinity) < (price ?? 0));
  if (!mayAct || subscription.state !== "active" || cheaper.length === 0) return null;
  return (
    <section aria-labelledby="downgrade">
      <h2 id="downgrade">{words.downgrade}</h2>
      <p class="muted lead-in">{words.downgradeHelp}</p>
      <form method="post" action="/console/plan/schedule-downgrade" class="decision">
        <input type="hidden" name="key" value={randomUUID()} />
        <label for="downgrade-plan">{words.offered}</label>
        <select id="downgrade-plan" name="planCode">
          {cheaper.map(({ code }) => (
            <option value={code}>{nameOf(code, props)}</option>
          ))}
        </select>
        <button>{words.scheduleDowngrade}</button>
      </form>
    </section>
  );
}

function Offers({ mayNameReferrer, ...props }: Props & { mayNameReferrer: boolean }) {
  const { viewer, plans } = props;
  const { words } = viewer;
  const offers = plans.flatMap((plan) => {
    const price = plan.prices.find(({ currency }) => currency === viewer.shop.currency);
    return price === undefined ? [] : [{ plan, price }];
  });
  return (
    <section aria-labelledby="offers">
      <h2 id="offers">{words.plan.offered}</h2>
      <p class="muted lead-in">{words.plan.requestHelp}</p>
      <ul class="rows">
        {offers.map(({ plan, price }) => (
          <li class="row offer">
            <span class="row-main">
              <strong>{nameOf(plan.code, props)}</strong>
              <br />
              <span class="muted">
                {[
                  words.plan.credits(String(plan.creditsPerPeriod)),
                  words.plan.limits.products(plan.limits.products),
                  words.plan.limits.pages(plan.limits.pages),
                  words.plan.limits.staff(plan.limits.staff),
                ].join(" · ")}
              </span>
            </span>
            <span class="row-end">
              <Amount money={price} /> {words.plan.perMonths(plan.periodMonths)}
            </span>
            <AskFor viewer={viewer} name="planCode" code={plan.code} text={words.plan.request}>
              {mayNameReferrer ? <ReferrerField plan={plan} viewer={viewer} /> : null}
            </AskFor>
          </li>
        ))}
      </ul>
    </section>
  );
}

function TopUps({ viewer, topUps }: Props) {
  const { words } = viewer;
  const offers = topUps.flatMap((topUp) => {
    const price = topUp.prices.find(({ currency }) => currency === viewer.shop.currency);
    return price === undefined ? [] : [{ topUp, price }];
  });
  return (
    <section aria-labelledby="top-ups">
      <h2 id="top-ups">{words.plan.topUps}</h2>
      <p class="muted lead-in">{words.plan.topUpHelp}</p>
      <ul class="rows">
        {offers.map(({ topUp, price }) => (
          <li class="row offer">
            <span class="row-main">
              <strong>{topUp.names[viewer.language]}</strong>
              <br />
              <span class="muted">{words.plan.validDays(topUp.validDays)}</span>
            </span>
            <span class="row-end">
              <Amount money={price} />
            </span>
            <AskFor viewer={viewer} name="topUpCode" code={topUp.code} text={words.plan.requestTopUp} />
          </li>
        ))}
      </ul>
    </section>
  );
}

/** In the form of the plan, which Enter asks for as well. */
function ReferrerField({ plan, viewer }: { plan: Plan; viewer: Viewer }) {
  const { words } = viewer;
  const id = `referral-code-${plan.code}`;
  return (
    <details>
      <summary>{words.plan.haveCode}</summary>
      <label for={id}>{words.plan.referralCode}</label>
      <input id={id} name="referralCode" maxLength={64} autocomplete="off" />
    </details>
  );
}

type Asking = {
  viewer: Viewer;
  name: "planCode" | "topUpCode";
  code: string;
  text: string;
  children?: Child;
};

function AskFor({ viewer, name, code, text, children }: Asking) {
  if (!viewer.actor.scopes.has("subscription.write")) return null;
  return (
    <form method="post" action="/console/plan/requests" class="row-end">
      <input type="hidden" name="key" value={randomUUID()} />
      <input type="hidden" name={name} value={code} />
      {children}
      <button>{text}</button>
    </form>
  );
}

function OpenRequest({ request, ...props }: Props & { request: UpgradeRequestDetail }) {
  const { viewer } = props;
  const { words } = viewer;
  const mayAct = viewer.actor.scopes.has("subscription.write");
  const awaitsEvidence = request.state !== "submitted";
  return (
    <section aria-labelledby="open">
      <h2 id="open">{words.plan.open}</h2>
      <p>
        <strong>{nameOfBought(request, props)}</strong>{" "}
        <Chip tone={upgradeTone(request.state)}>{words.upgradeState[request.state]}</Chip>
      </p>
      <Facts
        rows={[
          [words.admin.price, <Amount money={request.price} />],
          [words.plan.payTo, awaitsEvidence ? (request.payTo ?? words.plan.askWhere) : null],
          [words.plan.reason, request.reason === null ? null : <Said text={request.reason} />],
          [words.plan.lapses, request.lapsesAt && <Time at={request.lapsesAt} viewer={viewer} />],
        ]}
      />
      {request.picture === null ? null : (
        <figure class="slip">
          <img src={consolePicture(request.picture.url)} alt={words.plan.picture} />
        </figure>
      )}
      <PayByCode request={request} viewer={viewer} />
      {mayAct && awaitsEvidence ? <EvidenceForm request={request} viewer={viewer} /> : null}
      {mayAct ? (
        <form method="post" action={`/console/plan/requests/${request.id}/cancel`}>
          <input type="hidden" name="key" value={randomUUID()} />
          <button class="danger">{words.plan.cancel}</button>
        </form>
      ) : null}
    </section>
  );
}

/** The way to pay without a proof: a code of the payment provider, drawn anew each time the page is read. */
function PayByCode({ request, viewer }: { request: UpgradeRequestDetail; viewer: Viewer }) {
  const { plan } = viewer.words;
  const { payment } = request;
  if (payment !== null && payment.code !== null) {
    return (
      <figure class="slip">
        <img src={`/console/plan/requests/${request.id}/code.gif`} alt={plan.code} />
        <figcaption>
          {plan.codeHelp} <Time at={payment.expiresAt} viewer={viewer} />
        </figcaption>
      </figure>
    );
  }
  if (payment !== null && payment.state !== "closed" && !payment.isOwed)
    return <p class="muted">{plan.codeComes}</p>;
  if (!request.isPayableByCode || !viewer.actor.scopes.has("subscription.write")) return null;
  return (
    <form method="post" action={`/console/plan/requests/${request.id}/pay`} class="decision">
      <input type="hidden" name="key" value={randomUUID()} />
      <button class="primary">{plan.payByCode}</button>
    </form>
  );
}

function EvidenceForm({ request, viewer }: { request: UpgradeRequest; viewer: Viewer }) {
  const { plan } = viewer.words;
  return (
    <form
      method="post"
      action={`/console/plan/requests/${request.id}/submit`}
      enctype="multipart/form-data"
      class="decision"
    >
      <input type="hidden" name="key" value={randomUUID()} />
      <label for="image">{plan.upload}</label>
      <input id="image" name="image" type="file" accept="image/jpeg,image/png,image/webp" required />
      <label for="reference">{plan.reference}</label>
      <input id="reference" name="reference" maxLength={100} required autocomplete="off" />
      <button class="primary">{plan.handIn}</button>
    </form>
  );
}

function History({ requests, ...props }: Props & { requests: readonly UpgradeRequest[] }) {
  const { viewer } = props;
  const { words } = viewer;
  return (
    <section aria-labelledby="history">
      <h2 id="history">{words.plan.history}</h2>
      {requests.length === 0 ? <p class="empty">{words.plan.none}</p> : null}
      <ul class="rows">
        {requests.map((request) => (
          <li>
            <a class="row" href={`/console/plan/requests/${request.id}`}>
              <span class="row-main">
                {nameOfBought(request, props)}{" "}
                <Chip tone={upgradeTone(request.state)}>{words.upgradeState[request.state]}</Chip>
              </span>
              <span class="row-end">
                <Amount money={request.price} />
              </span>
              <span class="row-end muted">
                <Time at={request.endedAt ?? request.createdAt} viewer={viewer} />
              </span>
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}
