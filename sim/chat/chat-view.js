/** Builds an element; text goes in as text, never as HTML. */
export function element(tag, className = "", text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

/** The conversation as nodes. `onButton` gets the button of a card that was tapped. */
export function renderMessages(messages, onButton) {
  if (messages.length === 0) {
    return [
      element(
        "p",
        "empty",
        "Write to the shop as one of its customers would. Everything stays on this machine.",
      ),
    ];
  }
  const nodes = [];
  const lastOwn = messages.findLast((message) => message.from === "customer");
  let previousAt = 0;
  for (const message of messages) {
    const at = Date.parse(message.at);
    if (at - previousAt > 20 * 60_000) nodes.push(element("div", "day", timeText(message.at)));
    previousAt = at;
    nodes.push(renderMessage(message, { onButton, isLastOwn: message === lastOwn }));
  }
  return nodes;
}

export function renderTyping() {
  const row = element("div", "row page-row");
  row.id = "typing";
  const bubble = element("div", "bubble typing");
  bubble.append(element("i"), element("i"), element("i"));
  bubble.setAttribute("aria-label", "The shop is typing");
  row.append(bubble);
  return row;
}

function renderMessage(message, { onButton, isLastOwn }) {
  const row = element("div", `row ${message.from}-row`);
  row.title = timeText(message.at);
  row.dataset.mid = message.mid;
  if (message.cards) {
    row.classList.add("wide");
    const strip = element("div", "cards");
    strip.append(...message.cards.map((card) => renderCard(card, { onButton, kind: message.kind })));
    row.append(strip);
  }
  if (message.imageUrl) row.append(renderPicture(message.imageUrl));
  if (message.text)
    row.append(element("div", message.kind === "sticker" ? "bubble sticker" : "bubble", message.text));
  if (row.childElementCount === 0) row.append(element("div", "bubble", "(not shown here)"));
  if (isLastOwn) row.append(element("div", "receipt", receiptText(message)));
  return row;
}

function renderCard(card, { onButton, kind }) {
  const node = element("article", "card");
  if (card.imageUrl) node.append(renderPicture(card.imageUrl, ""));
  else if (kind === "cards") node.append(element("div", "no-picture"));
  const words = element("div", "words");
  words.append(element("h2", "", card.title));
  if (card.subtitle) words.append(element("p", "", card.subtitle));
  node.append(words);
  for (const button of card.buttons) node.append(renderButton(button, onButton));
  return node;
}

function renderButton(button, onButton) {
  if (button.type === "web_url") {
    const link = element("a", "", button.title);
    link.href = button.url;
    link.target = "_blank";
    link.rel = "noreferrer noopener";
    return link;
  }
  const node = element("button", "", button.title);
  node.type = "button";
  node.addEventListener("click", () => onButton(button));
  return node;
}

function renderPicture(url, className = "picture") {
  const picture = element("img", className);
  picture.src = new URL(url).pathname;
  picture.alt = "Picture";
  return picture;
}

function receiptText(message) {
  if (message.readAt) return "Seen";
  return message.deliveredAt ? "Delivered" : "Sent";
}

function timeText(iso) {
  const at = new Date(iso);
  const isToday = at.toDateString() === new Date().toDateString();
  const time = at.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  return isToday ? time : `${at.toLocaleDateString()} ${time}`;
}
