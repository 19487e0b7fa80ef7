import type { Money } from "../../domain/money.ts";
import type { Invoice, InvoiceDetail } from "./api-types.ts";
import { callApi } from "./call-api.ts";
import type { ConsoleContext, Viewer } from "./console-env.ts";
import { showPage } from "./layout.tsx";
import { Amount, Facts, Said } from "./parts.tsx";

const page = "/console/plan/invoices";

/** One document, as it is printed: around it stands nothing that goes on paper. */
export async function showInvoice(c: ConsoleContext, invoiceId: string): Promise<Response> {
  const { viewer } = c.var;
  const { invoices: words } = viewer.words;
  const path = `/invoices/${encodeURIComponent(invoiceId)}`;
  const invoice = await callApi<InvoiceDetail>(c, { method: "GET", path });
  return showPage(c, {
    title: invoice.number,
    section: "plan",
    children: (
      <>
        <p class="back no-print">
          <a href={page}>← {words.all}</a>
        </p>
        <article class="invoice">
          <h1>
            {words.kinds[invoice.kind]} {invoice.number}
          </h1>
          <Heading invoice={invoice} viewer={viewer} />
          <Lines invoice={invoice} viewer={viewer} />
          <p>{invoice.kind === "invoice" ? words.receipt : words.returned}</p>
        </article>
        <p class="muted no-print">{words.print}</p>
      </>
    ),
  });
}

type Shown = { invoice: InvoiceDetail; viewer: Viewer };

function Heading({ invoice, viewer }: Shown) {
  const { invoices: words } = viewer.words;
  const { seller, buyer, corrects, creditNote } = invoice;
  return (
    <>
      <Facts
        rows={[
          [words.date, <DocumentDate day={invoice.issuedOn} viewer={viewer} />],
          [words.corrects, corrects && <a href={`${page}/${corrects.id}`}>{corrects.number}</a>],
          [words.creditNote, creditNote && <a href={`${page}/${creditNote.id}`}>{creditNote.number}</a>],
        ]}
      />
      <div class="parties">
        <section aria-labelledby="seller">
          <h2 id="seller">{words.seller}</h2>
          <p class="written">
            {[seller.name, seller.address, seller.registration].filter(Boolean).join("\n")}
          </p>
        </section>
        <section aria-labelledby="buyer">
          <h2 id="buyer">{words.buyer}</h2>
          {[buyer.name, buyer.address].map((text) =>
            text === null ? null : (
              <p class="written">
                <Said text={text} />
              </p>
            ),
          )}
          <p>
            {words.shop}: <Said text={buyer.shopName} />
          </p>
        </section>
      </div>
    </>
  );
}

function Lines({ invoice, viewer }: Shown) {
  const { invoices: words } = viewer.words;
  const { tax } = invoice;
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">{words.item}</th>
          <th scope="col">{words.amount}</th>
        </tr>
      </thead>
      <tbody>
        {invoice.lines.map((line) => (
          <tr>
            <td>{describeLine(line, viewer)}</td>
            <td>
              <InvoiceAmount invoice={invoice} money={line.amount} />
            </td>
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr>
          <th scope="row">{words.total}</th>
          <td>
            <InvoiceAmount invoice={invoice} money={invoice.amount} />
          </td>
        </tr>
        {tax === null ? null : (
          <tr>
            <th scope="row">{words.including(tax.label, String(tax.rateBps / 100))}</th>
            <td>
              <InvoiceAmount invoice={invoice} money={tax.amount} />
            </td>
          </tr>
        )}
      </tfoot>
    </table>
  );
}

function describeLine(
  { names, periodMonths, validDays }: InvoiceDetail["lines"][number],
  { language, words }: Viewer,
): string {
  const more = [
    periodMonths === null ? null : words.invoices.months(periodMonths),
    validDays === null ? null : words.invoices.validDays(validDays),
  ];
  return [names[language], ...more.filter((part) => part !== null)].join(" · ");
}

/** What a credit note gives back stands with a minus. */
export function InvoiceAmount({ invoice, money }: { invoice: Pick<Invoice, "kind">; money: Money }) {
  const sign = invoice.kind === "credit_note" ? -1 : 1;
  return <Amount money={{ ...money, amountMinor: sign * money.amountMinor }} />;
}

const locales = { my: "my-MM-u-nu-latn", en: "en-GB" } as const;

/** A day with its year, as books need it; no zone moves it. */
export function DocumentDate({ day, viewer }: { day: string; viewer: Pick<Viewer, "language"> }) {
  const format = new Intl.DateTimeFormat(locales[viewer.language], { dateStyle: "long", timeZone: "UTC" });
  return <time dateTime={day}>{format.format(new Date(day))}</time>;
}
