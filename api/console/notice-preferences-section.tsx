import type { Hono } from "hono";

import { titleOf } from "../../domain/account/notice-preferences.ts";
import type { NoticePreference, NoticePreferences } from "./api-types.ts";
import { carryOut } from "./carry-out.ts";
import type { ConsoleEnv, Visit } from "./console-env.ts";
import { FormProblem, readForm } from "./form.ts";
import type { Form } from "./form.ts";
import { requireVisit } from "./viewer.ts";

const channels = ["push", "email"] as const;

export function mountNoticePreferences(app: Hono<ConsoleEnv>): void {
  app.post("/account/notices", requireVisit, async (c) => {
    const form = await readForm(c);
    return carryOut(c, {
      call: () => ({ method: "PATCH", path: "/notice-preferences", body: { choices: readChoices(form) } }),
      done: "noticesSaved",
      page: "/console/account",
    });
  });
}

/** Fields are called `orders.push`; a hidden `off` before each box says that the box was there. */
function readChoices({ fields }: Form) {
  const choices = fields.flatMap(([name, value]) => {
    const [topic, channel] = name.split(".");
    return channel === undefined ? [] : [{ topic, channel, isOn: value === "on" }];
  });
  if (choices.length === 0) throw new FormProblem("form.incomplete");
  return choices;
}

export function NoticeChoices({ preferences, visit }: NoticePreferences & { visit: Visit }) {
  const { told } = visit.words;
  return (
    <section class="card" aria-labelledby="told">
      <h2 id="told">{told.title}</h2>
      <p class="muted">{told.lead}</p>
      <form method="post" action="/console/account/notices" class="form">
        {preferences.map((preference) => (
          <TopicChoice preference={preference} visit={visit} />
        ))}
        {preferences.every(({ isFixed }) => isFixed) ? null : <button class="primary">{told.save}</button>}
      </form>
    </section>
  );
}

function TopicChoice({ preference, visit }: { preference: NoticePreference; visit: Visit }) {
  const { told } = visit.words;
  const { topic, isFixed, alwaysTold } = preference;
  const titles = alwaysTold.map((kind) => titleOf(kind, visit.session.language));
  return (
    <fieldset>
      <legend>{told.topics[topic]}</legend>
      {channels.map((channel) => {
        const isOn = preference[channel];
        if (isOn === null) return null;
        const name = `${topic}.${channel}`;
        return (
          <label>
            {isFixed ? null : <input type="hidden" name={name} value="off" />}
            <input type="checkbox" name={name} value="on" checked={isOn} disabled={isFixed} /> {told[channel]}
          </label>
        );
      })}
      {titles.length === 0 ? null : (
        <p class="muted small">
          {told.always}: {titles.join(" · ")}
        </p>
      )}
    </fieldset>
  );
}
