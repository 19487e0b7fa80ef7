import { listNewestContacts } from "../../db/order-boards.ts";
import { fromTypeId, toTypeId } from "../../domain/id.ts";
import type { CustomerId } from "../../domain/id.ts";
import type { Conversation, ConversationPage } from "./api-types.ts";
import { callApi } from "./call-api.ts";
import type { ConsoleContext, Viewer } from "./console-env.ts";
import { openNames } from "./customer-names.ts";
import { showPage } from "./layout.tsx";
import { Chip, LiveRegion, Older, Said, Time } from "./parts.tsx";

export async function showConversations(c: ConsoleContext): Promise<Response> {
  const { viewer } = c.var;
  const { words } = viewer;
  const { waiting, others } = await readLists(c);
  const names = await readNames(c, [...waiting.data, ...others.data]);
  const isEmpty = waiting.data.length + others.data.length === 0;
  return showPage(c, {
    title: words.chats.title,
    section: "conversations",
    children: (
      <LiveRegion id="content" c={c} names={["conversations"]}>
        <h1>{words.chats.title}</h1>
        {viewer.shop.isAgentEnabled ? null : <p class="caution">{words.chats.shopAgentOff}</p>}
        {isEmpty ? <p class="empty">{words.chats.empty}</p> : null}
        {waiting.data.length === 0 ? null : (
          <section aria-labelledby="waiting">
            <h2 id="waiting">{words.chats.waiting}</h2>
            <List conversations={waiting.data} names={names} viewer={viewer} />
            <Older path={olderPath("waiting", waiting)} text={words.chats.older} />
          </section>
        )}
        {others.data.length === 0 ? null : (
          <section aria-labelledby="others">
            <h2 id="others">{words.chats.others}</h2>
            <List conversations={others.data} names={names} viewer={viewer} />
          </section>
        )}
        <Older path={olderPath("cursor", others)} text={words.chats.older} />
      </LiveRegion>
    ),
  });
}

const nobody: ConversationPage = { data: [], hasMore: false, nextCursor: null };

/** Both from the start, or one of them from where its last page ended. */
async function readLists(c: ConsoleContext): Promise<Record<"waiting" | "others", ConversationPage>> {
  const { waiting, cursor } = c.req.query();
  const people = { isWaitingForPerson: "true", limit: "50", ...(waiting && { cursor: waiting }) };
  const rest = { isWaitingForPerson: "false", limit: "30", ...(cursor && { cursor }) };
  return {
    waiting: cursor === undefined ? await listPage(c, people) : nobody,
    others: waiting === undefined ? await listPage(c, rest) : nobody,
  };
}

function olderPath(list: "waiting" | "cursor", { nextCursor }: ConversationPage): string | null {
  return nextCursor && `/console/conversations?${list}=${encodeURIComponent(nextCursor)}`;
}

function listPage(c: ConsoleContext, query: Record<string, string>): Promise<ConversationPage> {
  const path = `/conversations?${new URLSearchParams(query).toString()}`;
  return callApi<ConversationPage>(c, { method: "GET", path });
}

/** Names by the customer's outside id: as given with the newest order, never looked up. */
export async function readNames(
  c: ConsoleContext,
  conversations: readonly Pick<Conversation, "customerId">[],
): Promise<ReadonlyMap<string, string>> {
  const { deps, viewer } = c.var;
  const { shopId } = viewer.actor;
  const customerIds = conversations.flatMap(
    ({ customerId }) => fromTypeId<CustomerId>("cus", customerId) ?? [],
  );
  const contacts = await deps.db.withShop(shopId, (trx) => listNewestContacts(trx, { shopId, customerIds }));
  const byOrder = await openNames(c, "customers.viewed", contacts);
  return new Map(
    contacts.flatMap(({ customerId, orderId }) => {
      const name = byOrder.get(orderId);
      return name === undefined ? [] : [[toTypeId("cus", customerId), name] as const];
    }),
  );
}

function List({
  conversations,
  names,
  viewer,
}: {
  conversations: readonly Conversation[];
  names: ReadonlyMap<string, string>;
  viewer: Viewer;
}) {
  const { words } = viewer;
  return (
    <ul class="rows">
      {conversations.map((conversation) => (
        <li>
          <a class="row" href={`/console/conversations/${conversation.customerId}`}>
            <span class="row-main">
              <Said text={customerName(names, conversation.customerId, viewer)} />
            </span>
            <span class="row-end muted">
              <Time at={conversation.lastMessageAt} viewer={viewer} />
            </span>
            <span class="chips">
              <ModeChip conversation={conversation} viewer={viewer} />
              {conversation.unreadCount > 0 ? (
                <Chip tone="act">{words.chats.unanswered(conversation.unreadCount)}</Chip>
              ) : null}
            </span>
            {conversation.personAskedAt === null ? null : (
              <span class="row-end muted">
                {words.chats.waitsSince} <Time at={conversation.personAskedAt} viewer={viewer} />
              </span>
            )}
          </a>
        </li>
      ))}
    </ul>
  );
}

/** Who has not ordered yet has no name: the end of the id tells them apart. */
export function customerName(
  names: ReadonlyMap<string, string>,
  customerId: string,
  { words }: Viewer,
): string {
  return names.get(customerId) ?? `${words.order.unnamed} ${customerId.slice(-4)}`;
}

export function ModeChip({ conversation, viewer }: { conversation: Conversation; viewer: Viewer }) {
  const { chats } = viewer.words;
  if (conversation.mode === "human") return <Chip tone="wait">{chats.human}</Chip>;
  if (!conversation.isAgentEnabled || !viewer.shop.isAgentEnabled) return <Chip>{chats.agentOff}</Chip>;
  if (conversation.isShortOfCredits) return <Chip tone="act">{chats.noCredits}</Chip>;
  return <Chip tone="good">{chats.agent}</Chip>;
}
