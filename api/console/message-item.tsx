import type { Message } from "./api-types.ts";
import type { Viewer } from "./console-env.ts";
import { consolePicture } from "./evidence-view.tsx";
import { Said, Time } from "./parts.tsx";

/** States that a reader must not overlook. */
const troubled = new Set<Message["state"]>([
  "waiting_for_page",
  "waiting_for_window",
  "unknown",
  "failed",
  "dropped",
]);

export function MessageItem({ message, viewer }: { message: Message; viewer: Viewer }) {
  const { words } = viewer;
  const state = words.messageState[message.state];
  return (
    <li id={message.id} class={`message message-${message.direction} by-${message.author}`}>
      <p class="message-author">{words.author[message.author]}</p>
      <div class={`bubble${message.state === "dropped" ? " bubble-dropped" : ""}`}>
        <Content message={message} viewer={viewer} />
      </div>
      {message.isMasked ? <p class="muted small">{words.chats.masked}</p> : null}
      <p class="message-foot muted small">
        <Time at={message.at} viewer={viewer} />
        {message.editedAt === null ? null : ` · ${words.chats.edited}`}
        {state === "" ? null : (
          <>
            {" · "}
            <span class={troubled.has(message.state) ? "trouble" : undefined}>{state}</span>
          </>
        )}
      </p>
    </li>
  );
}

function Content({ message, viewer }: { message: Message; viewer: Viewer }) {
  const { chats } = viewer.words;
  if (message.deletedAt !== null) return <p class="muted">{chats.deleted}</p>;
  return (
    <>
      {message.text === null ? null : (
        <p class="text">
          <Said text={message.text} />
        </p>
      )}
      {message.attachments.map((attachment) => (
        <Attachment attachment={attachment} id={message.id} viewer={viewer} />
      ))}
      {message.cards.length === 0 ? null : (
        <ul class="cards" aria-label={chats.cards}>
          {message.cards.map(({ title, subtitle }) => (
            <li>
              <strong>
                <Said text={title} />
              </strong>
              <span class="muted">
                <Said text={subtitle} />
              </span>
            </li>
          ))}
        </ul>
      )}
      {message.quickReplies.length === 0 ? null : (
        <ul class="offered" aria-label={chats.offered}>
          {message.quickReplies.map((title) => (
            <li>
              <Said text={title} />
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function Attachment({
  attachment,
  id,
  viewer,
}: {
  attachment: Message["attachments"][number];
  id: string;
  viewer: Viewer;
}) {
  const { chats } = viewer.words;
  const { picture, title, type } = attachment;
  if (picture !== null) {
    return (
      <figure class="picture" id={`${id}-picture`} hx-morph-skip="">
        <img src={consolePicture(picture.url)} alt={chats.picture} />
      </figure>
    );
  }
  if (type === "image") return <p class="muted">{chats.pictureGone}</p>;
  return (
    <p class="muted">
      {chats.attachment}: {type} {title === null ? null : <Said text={title} />}
    </p>
  );
}
