import { randomUUID } from "node:crypto";

import type {
  Conversation,
  EvidencePage,
  EvidenceSummary,
  MessagePage,
  OrderPage,
  OrderSummary,
} from "./api-types.ts";
import { callApi } from "./call-api.ts";
import type { ConsoleContext, Viewer } from "./console-env.ts";
import { ModeChip, customerName, readNames } from "./conversation-list-page.tsx";
import { showPage } from "./layout.tsx";
import { MessageItem } from "./message-item.tsx";
import { OrderChips, orderTitle } from "./order-words.tsx";
import { Amount, LiveRegion, Older, Said, Time } from "./parts.tsx";
import { wordFor } from "./words.ts";

/** What was typed and could not be sent. */
type Draft = { text: string; problem: string };

export async function showConversation(
  c: ConsoleContext,
  customerId: string,
  draft?: Draft,
): Promise<Response> {
  const { viewer } = c.var;
  const { words } = viewer;
  const path = `/conversations/${encodeURIComponent(customerId)}`;
  const cursor = c.req.query("cursor");
  const conversation = await callApi<Conversation>(c, { method: "GET", path });
  const query = cursor === undefined ? "limit=50" : `limit=50&cursor=${encodeURIComponent(cursor)}`;
  const messages = await callApi<MessagePage>(c, { method: "GET", path: `${path}/messages?${query}` });
  const orders = await callApi<OrderPage>(c, {
    method: "GET",
    path: `/orders?customerId=${conversation.customerId}&limit=10`,
  });
  const slips = await callApi<EvidencePage>(c, {
    method: "GET",
    path: `/payment-evidence?state=unmatched&customerId=${conversation.customerId}&limit=10`,
  });
  const names = await readNames(c, [conversation]);
  const name = customerName(names, conversation.customerId, viewer);
  const older =
    messages.nextCursor &&
    `/console/conversations/${conversation.customerId}?cursor=${encodeURIComponent(messages.nextCursor)}`;
  if (draft !== undefined) c.status(422);
  return showPage(c, {
    title: name,
    section: "conversations",
    children: (
      <div class="conversation">
        <LiveRegion id="content" c={c} names={[conversation.customerId]}>
          <p class="back">
            <a href="/console/conversations">← {words.chats.back}</a>
          </p>
          <Head conversation={conversation} name={name} viewer={viewer} />
          <UnmatchedSlips slips={slips.data} viewer={viewer} />
          <CustomerOrders orders={orders.data} viewer={viewer} />
          <h2 class="hidden-title" id="transcript">
            {words.chats.transcript}
          </h2>
          <div class="transcript" tabIndex={0} role="region" aria-labelledby="transcript">
            <div>
              <Older path={older} text={words.chats.olderMessages} />
              {messages.data.length === 0 ? <p class="empty">{words.chats.noMessages}</p> : null}
              <ol class="messages">
                {messages.data.toReversed().map((message) => (
                  <MessageItem message={message} viewer={viewer} />
                ))}
              </ol>
            </div>
          </div>
        </LiveRegion>
        {cursor === undefined && viewer.actor.scopes.has("conversations.write") ? (
          <Composer conversation={conversation} viewer={viewer} draft={draft} />
        ) : null}
      </div>
    ),
  });
}

function Head({ conversation, name, viewer }: { conversation: Conversation; name: string; viewer: Viewer }) {
  const { words } = viewer;
  const base = `/console/conversations/${conversation.customerId}`;
  const mayWrite = viewer.actor.scopes.has("conversations.write");
  const isHuman = conversation.mode === "human";
  return (
    <header class="conversation-head">
      <h1>
        <Said text={name} />
      </h1>
      <p class="chips">
        <ModeChip conversation={conversation} viewer={viewer} />
        {conversation.personAskedAt === null ? null : (
          <span class="chip chip-act">
            {words.chats.waitsSince} <Time at={conversation.personAskedAt} viewer={viewer} />
          </span>
        )}
        {conversation.humanUntil === null ? null : (
          <span class="muted">
            {words.chats.humanUntil} <Time at={conversation.humanUntil} viewer={viewer} />
          </span>
        )}
      </p>
      {mayWrite ? (
        <div class="buttons">
          <form method="post" action={`${base}/${isHuman ? "give-back" : "take-over"}`}>
            <button class={isHuman ? undefined : "primary"}>
              {isHuman ? words.chats.giveBack : words.chats.takeOver}
            </button>
          </form>
          <form method="post" action={`${base}/agent`}>
            <input type="hidden" name="isEnabled" value={String(!conversation.isAgentEnabled)} />
            <button class="quiet">
              {conversation.isAgentEnabled ? words.chats.agentOffAction : words.chats.agentOn}
            </button>
          </form>
        </div>
      ) : null}
    </header>
  );
}

/** Who follows the notice of such a slip comes here. */
function UnmatchedSlips({ slips, viewer }: { slips: readonly EvidenceSummary[]; viewer: Viewer }) {
  if (slips.length === 0) return null;
  const { boards } = viewer.words;
  return (
    <div class="caution">
      <p>{boards.unmatched}:</p>
      <ul class="chips">
        {slips.map((slip) => (
          <li>
            <a href={`/console/evidence/${slip.id}`}>
              <Time at={slip.receivedAt} viewer={viewer} />
            </a>
          </li>
        ))}
      </ul>
    </div>
  );
}

function CustomerOrders({ orders, viewer }: { orders: readonly OrderSummary[]; viewer: Viewer }) {
  if (orders.length === 0) return null;
  const { words } = viewer;
  return (
    <details class="customer-orders" id="customer-orders">
      <summary>
        {words.chats.orders} ({orders.length})
      </summary>
      <ul class="rows">
        {orders.map((order) => (
          <li>
            <a class="row" href={`/console/orders/${order.id}`}>
              <span class="row-main">{orderTitle(order, viewer)}</span>
              <span class="row-end">
                <Amount money={order.total} />
              </span>
              <OrderChips order={order} viewer={viewer} />
            </a>
          </li>
        ))}
      </ul>
    </details>
  );
}

function Composer({
  conversation,
  viewer,
  draft,
}: {
  conversation: Conversation;
  viewer: Viewer;
  draft: Draft | undefined;
}) {
  const { words } = viewer;
  return (
    <form
      class="composer"
      method="post"
      action={`/console/conversations/${conversation.customerId}/messages`}
    >
      <input type="hidden" name="key" value={randomUUID()} />
      {draft === undefined ? null : (
        <p class="flash flash-problem" role="alert" id="composer-problem">
          {wordFor(words.problems, draft.problem)}
        </p>
      )}
      {conversation.messagingWindow.isOpen ? null : <p class="caution">{words.chats.windowClosed}</p>}
      <label for="text">{words.chats.write}</label>
      <div class="composer-row">
        <textarea
          id="text"
          name="text"
          rows={2}
          maxLength={2000}
          required
          data-send=""
          aria-describedby={draft === undefined ? "composer-help" : "composer-problem"}
        >
          {draft?.text ?? ""}
        </textarea>
        <button class="primary">{words.chats.send}</button>
      </div>
      <p class="help" id="composer-help">
        {words.chats.sendHelp}
      </p>
    </form>
  );
}
