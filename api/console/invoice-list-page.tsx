import type { BillingDetails, Invoice, InvoicePage } from "./api-types.ts";
import { callApi } from "./call-api.ts";
import type { ConsoleContext, Viewer } from "./console-env.ts";
import { DocumentDate, InvoiceAmount } from "./invoice-page.tsx";
import { showPage } from "./layout.tsx";
import { Chip, Older } from "./parts.tsx";

const page = "/console/plan/invoices";

export async function showInvoices(c: ConsoleContext): Promise<Response> {
  const { viewer } = c.var;
  const { words } = viewer;
  const cursor = c.req.query("cursor");
  const query = cursor === undefined ? "" : `?cursor=${encodeURIComponent(cursor)}`;
  const { data, nextCursor } = await callApi<InvoicePage>(c, { method: "GET", path: `/invoices${query}` });
  const billing = await callApi<BillingDetails>(c, { method: "GET", path: "/billing-details" });
  return showPage(c, {
    title: words.invoices.title,
    section: "plan",
    children: (
      <>
        <p class="back">
          <a href="/console/plan">← {words.plan.title}</a>
        </p>
        <h1>{words.invoices.title}</h1>
        <p class="muted lead-in">{words.invoices.lead}</p>
        {data.length === 0 ? <p class="empty">{words.invoices.none}</p> : null}
        <ul class="rows">
          {data.map((invoice) => (
            <InvoiceRow invoice={invoice} viewer={viewer} />
          ))}
        </ul>
        <Older
          path={nextCursor && `${page}?cursor=${encodeURIComponent(nextCursor)}`}
          text={words.invoices.older}
        />
        {viewer.actor.scopes.has("subscription.write") ? (
          <BillingForm billing={billing} viewer={viewer} />
        ) : null}
      </>
    ),
  });
}

function InvoiceRow({ invoice, viewer }: { invoice: Invoice; viewer: Viewer }) {
  const { invoices: words } = viewer.words;
  const isTakenBack = invoice.creditNote !== null;
  return (
    <li>
      <a class="row" href={`${page}/${invoice.id}`}>
        <span class="row-main">
          <strong>{invoice.number}</strong>{" "}
          {invoice.kind === "credit_note" ? (
            <Chip>{words.kinds.credit_note}</Chip>
          ) : (
            <Chip tone={isTakenBack ? "bad" : "good"}>{isTakenBack ? words.takenBack : words.paid}</Chip>
          )}
          <br />
          <span class="muted">{invoice.lines.map(({ names }) => names[viewer.language]).join(", ")}</span>
        </span>
        <span class="row-end">
          <InvoiceAmount invoice={invoice} money={invoice.amount} />
        </span>
        <span class="row-end muted">
          <DocumentDate day={invoice.issuedOn} viewer={viewer} />
        </span>
      </a>
    </li>
  );
}

function BillingForm({ billing, viewer }: { billing: BillingDetails; viewer: Viewer }) {
  const { invoices: words } = viewer.words;
  return (
    <section class="card" aria-labelledby="billing">
      <h2 id="billing">{words.billing}</h2>
      <form method="post" action="/console/plan/billing-details" class="form">
        <label for="billing-name">{words.billingName}</label>
        <input id="billing-name" name="name" maxLength={150} value={billing.name ?? ""} autocomplete="off" />
        <label for="billing-address">{words.billingAddress}</label>
        <textarea id="billing-address" name="address" maxLength={500}>
          {billing.address ?? ""}
        </textarea>
        <p class="help">{words.billingHelp}</p>
        <button class="primary">{words.save}</button>
      </form>
    </section>
  );
}
