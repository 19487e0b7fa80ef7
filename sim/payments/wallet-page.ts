import { Hono } from "hono";
import type { SimContext } from "../sim-context.ts";
import { findScanned, pay } from "./pay.ts";
import type { SimPayment } from "./payment-types.ts";
import { tradeStatus } from "./payment-types.ts";

/** A page on which a tester plays the customer with the wallet: what can be paid, and a button that pays it. */
export function createWalletApp(ctx: SimContext): Hono {
  const app = new Hono();
  app.get("/", (c) => c.html(page(ctx, null)));
  app.post("/", async (c) => {
    const { code, isForced } = await c.req.parseBody();
    const payment = findScanned(ctx, typeof code === "string" ? code : "");
    if (!payment) return c.html(page(ctx, "This code is not known."), 404);
    try {
      pay(ctx, payment, { isForced: isForced === "on" });
      return c.redirect("/payments/wallet", 303);
    } catch (error) {
      return c.html(page(ctx, error instanceof Error ? error.message : "Refused"), 409);
    }
  });
  return app;
}

function page(ctx: SimContext, problem: string | null): string {
  const rows = ctx.world
    .listPayments()
    .toReversed()
    .slice(0, 50)
    .map((payment) => row(payment, ctx.now()))
    .join("");
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Demo Wallet</title>
<meta name="viewport" content="width=device-width,initial-scale=1">
<style>body{font:16px system-ui;max-width:46rem;margin:2rem auto;padding:0 1rem}td{padding:.4rem .6rem .4rem 0}</style>
<main><h1>Demo Wallet</h1><p>What stands here plays the wallet of whoever pays. The amount is the code's and cannot be changed.</p>
${problem === null ? "" : `<p role="alert"><strong>${escape(problem)}</strong></p>`}
<form method="post"><label>Text of a QR code <input name="code" size="40" required></label>
<label><input type="checkbox" name="isForced"> although it is too late</label> <button>Pay</button></form>
${rows === "" ? "<p>No code waits to be paid.</p>" : `<table>${rows}</table>`}</main></html>`;
}

function row(payment: SimPayment, now: number): string {
  const status = tradeStatus(payment, now);
  const button =
    status === "WAIT_PAY"
      ? `<form method="post"><input type="hidden" name="code" value="${escape(payment.code)}"><button>Pay</button></form>`
      : "";
  const cells = [payment.title, `${payment.amount} ${payment.currency}`, status].map(escape);
  return `<tr>${cells.map((cell) => `<td>${cell}</td>`).join("")}<td>${button}</td></tr>`;
}

function escape(text: string): string {
  const names: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return text.replaceAll(/[&<>"]/g, (sign) => names[sign] ?? "");
}
