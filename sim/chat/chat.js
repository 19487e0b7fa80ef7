import { element, renderMessages, renderTyping } from "./chat-view.js";
import { transferHint } from "./transfer-hint.js";

const typingLastsMs = 20_000;
const byId = (id) => document.getElementById(id);
const here = {
  pageId: "",
  psid: "",
  messages: [],
  events: null,
  typingTimer: 0,
  loading: null,
  isStale: false,
  isAtEnd: true,
};

async function call(path, options = {}) {
  const answer = await fetch(path, options);
  if (!answer.ok) throw new Error((await answer.json().catch(() => ({}))).detail ?? `Error ${answer.status}`);
  return answer;
}

const postJson = (path, body) =>
  call(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });

const say = (words) =>
  guard(() => postJson(`/customers/${here.psid}/messages`, { ...words, pageId: here.pageId }));

/** Shows what went wrong for a while instead of losing it in the console. */
async function guard(work) {
  try {
    return await work();
  } catch (error) {
    const box = byId("problem");
    box.textContent = error.message;
    box.hidden = false;
    setTimeout(() => (box.hidden = true), 5_000);
    return undefined;
  }
}

/** Reads the conversation again; calls that come meanwhile are served by one more reading. */
function refresh() {
  here.isStale = true;
  here.loading ??= load().finally(() => (here.loading = null));
  return here.loading;
}

async function load() {
  while (here.isStale) {
    here.isStale = false;
    const { pageId, psid } = here;
    const answer = await guard(() => call(`/customers/${psid}/messages?pageId=${pageId}`));
    if (!answer) return;
    const messages = await answer.json();
    if (psid !== here.psid || pageId !== here.pageId) continue;
    here.messages = messages;
    show();
    if (!document.hidden) await markRead();
  }
}

async function markRead() {
  const newest = here.messages.findLast((message) => message.from === "page");
  if (newest && !newest.readAt) {
    await guard(() => call(`/customers/${here.psid}/read?pageId=${here.pageId}`, { method: "POST" }));
  }
}

function show() {
  const list = byId("messages");
  const typing = byId("typing");
  list.replaceChildren(...renderMessages(here.messages, tapButton));
  if (typing) list.append(typing);
  const last = here.messages.at(-1);
  const replies = last?.from === "page" ? last.quickReplies : [];
  byId("quick-replies").replaceChildren(...replies.map(chipOf));
  scrollToEnd();
}

function scrollToEnd() {
  const list = byId("messages");
  list.scrollTop = list.scrollHeight;
}

/** A picture that loads late pushes what stands below it out of sight. */
function keepAtEnd() {
  const list = byId("messages");
  list.addEventListener("scroll", () => {
    here.isAtEnd = list.scrollTop + list.clientHeight >= list.scrollHeight - 40;
  });
  list.addEventListener("load", () => here.isAtEnd && scrollToEnd(), { capture: true });
}

function chipOf({ title, payload }) {
  const chip = element("button", "", title);
  chip.type = "button";
  chip.addEventListener("click", () => {
    byId("quick-replies").replaceChildren();
    void say({ quickReply: { payload, title } });
  });
  return chip;
}

function tapButton({ title, payload }) {
  void say({ postback: { payload, title } });
}

function showTyping(isOn) {
  clearTimeout(here.typingTimer);
  byId("typing")?.remove();
  if (!isOn) return;
  const list = byId("messages");
  list.append(renderTyping());
  scrollToEnd();
  here.typingTimer = setTimeout(() => showTyping(false), typingLastsMs);
}

function listen() {
  here.events?.close();
  const events = new EventSource(`/chat/events?pageId=${here.pageId}&psid=${here.psid}`);
  events.addEventListener("changed", () => void refresh());
  events.addEventListener("typing", (event) => showTyping(event.data === "true"));
  events.addEventListener("open", () => (byId("state").textContent = "Simulated Messenger"));
  events.addEventListener("error", () => (byId("state").textContent = "Connecting…"));
  here.events = events;
}

async function openPage(pageId) {
  here.pageId = pageId;
  localStorage.setItem("page", pageId);
  byId("avatar").textContent = (byId("page").selectedOptions[0]?.textContent ?? "?")
    .slice(0, 1)
    .toUpperCase();
  const customers = await (await call(`/customers?pageId=${pageId}`)).json();
  const known = customers.map((customer) => customer.psid);
  const wanted = localStorage.getItem(`customer/${pageId}`) ?? known[0] ?? newPsid();
  openCustomer(wanted, known);
}

function openCustomer(psid, known) {
  here.psid = psid;
  here.messages = [];
  localStorage.setItem(`customer/${here.pageId}`, psid);
  const all = known.includes(psid) ? known : [psid, ...known];
  const options = all.map((one) => new Option(`Customer …${one.slice(-4)}`, one, false, one === psid));
  byId("customer").replaceChildren(...options, new Option("A new customer", "new"));
  showTyping(false);
  show();
  listen();
}

function newPsid() {
  const digits = crypto.getRandomValues(new Uint32Array(2));
  return `72${String(digits[0]).padStart(10, "0")}${String(digits[1] % 10_000).padStart(4, "0")}`;
}

async function sendPicture(blob) {
  let binary = "";
  for (const byte of new Uint8Array(await blob.arrayBuffer())) binary += String.fromCodePoint(byte);
  await say({ imageBase64: btoa(binary) });
}

async function sendPictures(input) {
  for (const file of input.files) await sendPicture(file);
  input.value = "";
}

async function sendSlip(form) {
  const { amount, currency: unit, payee, reference, blurred } = form.elements;
  const currency = unit.value;
  const decimals = ["THB", "USD", "SGD", "MYR"].includes(currency) ? 2 : 0;
  const slip = {
    amountMinor: Math.round(Number(amount.value) * 10 ** decimals),
    currency,
    payee: payee.value,
    blurred: blurred.checked,
    ...(reference.value ? { reference: reference.value } : {}),
  };
  const answer = await guard(() => postJson("/slips", slip));
  if (answer) await sendPicture(await answer.blob());
}

function openSlipForm() {
  const { amount, currency, payee, reference } = byId("slip-form").elements;
  const hint = transferHint(here.messages);
  amount.value = hint.amount;
  currency.value = hint.currency || currency.value;
  payee.value = hint.payee || payee.value;
  reference.value = "";
  byId("slip-dialog").showModal();
  amount.select();
}

function sendText() {
  const box = byId("text");
  const text = box.value.trim();
  if (!text) return;
  box.value = "";
  box.style.height = "auto";
  void say({ text });
}

function wire() {
  keepAtEnd();
  const box = byId("text");
  byId("composer").addEventListener("submit", (event) => {
    event.preventDefault();
    sendText();
    box.focus();
  });
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    sendText();
  });
  box.addEventListener("input", () => {
    box.style.height = "auto";
    box.style.height = `${box.scrollHeight}px`;
  });
  byId("like").addEventListener("click", () => void say({ sticker: true }));
  byId("pick").addEventListener("click", () => byId("file").click());
  byId("file").addEventListener("change", (event) => void sendPictures(event.target));
  byId("slip").addEventListener("click", openSlipForm);
  byId("slip-cancel").addEventListener("click", () => byId("slip-dialog").close());
  byId("slip-form").addEventListener("submit", (event) => void sendSlip(event.target));
  byId("page").addEventListener("change", (event) => void guard(() => openPage(event.target.value)));
  byId("customer").addEventListener("change", (event) => {
    const known = [...event.target.options].map((option) => option.value).filter((value) => value !== "new");
    openCustomer(event.target.value === "new" ? newPsid() : event.target.value, known);
  });
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) void refresh();
  });
}

async function start() {
  wire();
  const pages = await (await call("/pages")).json();
  const wanted = localStorage.getItem("page");
  const chosen = pages.find((page) => page.id === wanted) ?? pages[0];
  byId("page").replaceChildren(
    ...pages.map((page) => new Option(page.name, page.id, false, page.id === chosen.id)),
  );
  await openPage(chosen.id);
}

void guard(start);
