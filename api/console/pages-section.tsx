import type { ShopsPage } from "./api-types.ts";
import type { Viewer } from "./console-env.ts";
import { Chip, Said, Time } from "./parts.tsx";
import type { Tone } from "./parts.tsx";

const tones: Record<ShopsPage["state"], Tone> = { connected: "good", broken: "bad", disconnected: "plain" };

type Props = { viewer: Viewer; mayWrite: boolean };

/** The shop's Pages on its own page, with how each is. */
export function PagesSection({ pages, viewer, mayWrite }: Props & { pages: readonly ShopsPage[] }) {
  const { words } = viewer;
  return (
    <section class="card" aria-labelledby="pages">
      <h2 id="pages">{words.pages.title}</h2>
      {pages.length === 0 ? <p class="empty">{words.pages.none}</p> : null}
      <ul class="zones">
        {pages.map((page) => (
          <PageItem page={page} viewer={viewer} mayWrite={mayWrite} />
        ))}
      </ul>
      {mayWrite ? <ConnectForm text={words.pages.connect} /> : null}
    </section>
  );
}

function PageItem({ page, viewer, mayWrite }: Props & { page: ShopsPage }) {
  const { pages: words } = viewer.words;
  const isConnected = page.state === "connected";
  return (
    <li>
      <p>
        <strong>
          <Said text={page.name} />
        </strong>{" "}
        <span class="muted">{page.metaPageId}</span>{" "}
        <Chip tone={tones[page.state]}>{words.state[page.state]}</Chip>
      </p>
      {page.state === "connected" ? null : <p class="caution">{words[page.state]}</p>}
      {page.routing === "theirs" ? <p class="caution">{words.theirs}</p> : null}
      {page.isReadingBack ? <p>{words.readingBack}</p> : null}
      {page.pausedUntil === null ? null : (
        <p class="caution">
          {words.paused} <Time at={page.pausedUntil} viewer={viewer} />
        </p>
      )}
      {page.checkedAt === null ? null : (
        <p class="muted">
          {words.checked} <Time at={page.checkedAt} viewer={viewer} />
        </p>
      )}
      {mayWrite ? (
        <div class="actions">
          {isConnected ? null : <ConnectForm text={words.reconnect} />}
          {page.state === "disconnected" ? null : <Actions page={page} viewer={viewer} />}
        </div>
      ) : null}
    </li>
  );
}

function Actions({ page, viewer }: Pick<Props, "viewer"> & { page: ShopsPage }) {
  const { pages: words } = viewer.words;
  return (
    <>
      <form method="post" action={`/console/pages/${page.id}/check`}>
        <button class="quiet">{words.check}</button>
      </form>
      <details>
        <summary>{words.disconnect}</summary>
        <p>{words.disconnectHelp}</p>
        <form method="post" action={`/console/pages/${page.id}/disconnect`}>
          <button>{words.disconnect}</button>
        </form>
      </details>
    </>
  );
}

function ConnectForm({ text }: { text: string }) {
  return (
    <form method="post" action="/console/pages/connections">
      <button>{text}</button>
    </form>
  );
}
