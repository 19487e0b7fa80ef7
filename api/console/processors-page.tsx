import type { Hono } from "hono";

import { processorState } from "../../domain/privacy/processors.ts";
import type { Processor } from "../../domain/privacy/processors.ts";
import type { ConsoleEnv } from "./console-env.ts";
import { showOpenPage } from "./open-page.tsx";
import type { Words } from "./words.ts";

export const processorsPath = "/console/processors";

/** The register of processors, for everybody: the same that the guard of outgoing calls goes by. */
export function mountProcessorsPage(app: Hono<ConsoleEnv>): void {
  app.get("/processors", (c) => {
    const { clock, settings } = c.var.deps;
    const now = clock.now();
    return showOpenPage(c, {
      title: ({ processors }) => processors.title,
      children: (words) => (
        <>
          <p>{words.processors.lead}</p>
          <table>
            <thead>
              <tr>
                {[
                  words.processors.who,
                  words.processors.provider,
                  words.processors.hosts,
                  words.processors.until,
                ].map((head) => (
                  <th scope="col">{head}</th>
                ))}
              </tr>
            </thead>
            <tbody>
              {settings.processors.map((processor) => (
                <Row processor={processor} now={now} words={words.processors} />
              ))}
            </tbody>
          </table>
        </>
      ),
    });
  });
}

function Row({ processor, now, words }: { processor: Processor; now: Date; words: Words["processors"] }) {
  const { name, hosts } = processor;
  const terms = processor.terms === "off" ? null : processor.terms;
  const isActive = processorState(processor, now) === "active";
  return (
    <tr>
      <th scope="row">{words.does[name]}</th>
      <td>{terms === null ? words.ownMachine : `${terms.provider}, ${terms.region}`}</td>
      <td>{hosts.join(", ")}</td>
      <td>{isActive ? agreement(terms, words) : words.stopped}</td>
    </tr>
  );
}

function agreement(
  terms: { agreedOn: string | null; endsOn: string | null } | null,
  words: Words["processors"],
) {
  return terms === null ? "–" : `${terms.agreedOn} – ${terms.endsOn ?? words.noEnd}`;
}
