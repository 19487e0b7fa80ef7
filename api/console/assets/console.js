"use strict";

/* Pages live without this file; it keeps what a reader has opened, and leaves pages whose session has ended. */

const policy = window.trustedTypes?.createPolicy("console", {
  // All markup that htmx inserts comes from our own server, which escapes what people wrote.
  createHTML: (html) => html,
});

htmx.registerExtension("console", {
  init: (api) => {
    if (policy)
      api.initSecurity({ createHTML: (html) => policy.createHTML(html), createScript: refuseScript });
  },
  // The server does not know which details a reader has opened.
  htmx_before_morph_attr: (element, { attrName }) => !(attrName === "open" && element.tagName === "DETAILS"),
});

function refuseScript() {
  throw new TypeError("markup from the server carries no scripts");
}

document.addEventListener("htmx:sse:error", ({ detail }) => {
  if (detail.status === 401 || detail.status === 403) location.reload();
});

/* On a phone the sections are wider than the screen. */
document.querySelector("#nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

/* A second click sends nothing: the first one is on its way. The key in the form guards whatever slips through. */
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method === "get") return;
  if (form.dataset.sent === "true") {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "true";
  form.setAttribute("aria-busy", "true");
});

/* Back from the next page, a form may be used again. */
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    form.removeAttribute("aria-busy");
  }
});

/* Ctrl+Enter sends a message, as people know it. */
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  if (event.target.matches("textarea[data-send]")) event.target.form.requestSubmit();
});

document.querySelector(".flash")?.focus({ preventScroll: true });
