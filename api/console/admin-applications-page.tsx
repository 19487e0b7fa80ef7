import { randomUUID } from "node:crypto";
import type { Hono } from "hono";

import { rejectReasons } from "../../domain/referral/application.ts";
import { ApplicationQueueQuery } from "../v1/admin/referral-applications.schema.ts";
import { showQueue } from "./admin-queue.tsx";
import type { AdminPlace } from "./admin-queue.tsx";
import type { ApplicationCase } from "./api-types.ts";
import { carryOut } from "./carry-out.ts";
import type { ConsoleContext, ConsoleEnv } from "./console-env.ts";
import { readForm } from "./form.ts";
import { Facts, Time } from "./parts.tsx";
import { wordFor } from "./words.ts";

const page = "/console/admin/applications";
const queues = ["submitted", "approved", "rejected"] as const;

/** Behind `requireAdmin`. */
export function mountAdminApplications(app: Hono<ConsoleEnv>): void {
  app.get("/admin/applications", (c) => showApplications(c));
  for (const { verb, done } of [
    { verb: "approve", done: "approveReferralApplication" },
    { verb: "reject", done: "rejectReferralApplication" },
  ] as const) {
    app.post(`/admin/applications/:applicationId/${verb}`, async (c) => {
      const form = await readForm(c);
      const id = encodeURIComponent(c.req.param("applicationId"));
      return carryOut(c, {
        call: () => ({
          method: "POST",
          path: `/admin/referral-applications/${id}/${verb}`,
          ...(verb === "reject" ? { body: { reason: form.required("reason") } } : {}),
          idempotencyKey: form.required("key"),
        }),
        done,
        page,
      });
    });
  }
}

/** Each with all that there is to know of it; who waits longest first. */
function showApplications(c: ConsoleContext): Promise<Response> {
  const { applications } = c.var.visitor.words;
  const state = ApplicationQueueQuery.shape.state.safeParse(c.req.query("state")).data ?? "submitted";
  return showQueue<typeof state, ApplicationCase>(c, {
    section: "applications",
    title: applications.title,
    path: "/admin/referral-applications",
    by: "state",
    states: queues,
    shown: state,
    names: applications.queues,
    lead: applications.lead,
    empty: applications.queueEmpty,
    row: (application, viewer) => <Application application={application} viewer={viewer} />,
  });
}

function Application({ application, viewer }: { application: ApplicationCase; viewer: AdminPlace }) {
  const { applications: words } = viewer.words;
  const { state, findings, alikeIds, decidedBy, reason } = application;
  const isToDecide = state === "submitted" && viewer.actor.scopes.has("fraud.decide");
  return (
    <section class="card">
      <Facts
        rows={[
          [words.participant, <code>{application.participantId}</code>],
          [words.submitted, <Time at={application.submittedAt} viewer={viewer} />],
          [words.findings, findings.map((finding) => wordFor(words.finding, finding)).join("; ") || null],
          [words.alike, alikeIds.length === 0 ? null : <code>{alikeIds.join(" ")}</code>],
          [words.decidedBy, state === "submitted" ? null : <code>{decidedBy ?? words.byRules}</code>],
          [words.queues.rejected, reason && words.reasons[reason]],
        ]}
      />
      {isToDecide ? <Decisions application={application} viewer={viewer} /> : null}
    </section>
  );
}

/** One form is one intention: its key makes a repeated click the same decision. */
function Decisions({ application: { id }, viewer }: { application: ApplicationCase; viewer: AdminPlace }) {
  const { applications: words } = viewer.words;
  return (
    <div class="decisions">
      <form method="post" action={`${page}/${id}/approve`} class="decision">
        <input type="hidden" name="key" value={randomUUID()} />
        <button class="primary">{words.approve}</button>
      </form>
      <form method="post" action={`${page}/${id}/reject`} class="decision">
        <input type="hidden" name="key" value={randomUUID()} />
        <label for={`reason-${id}`}>{words.reason}</label>
        <select id={`reason-${id}`} name="reason">
          {rejectReasons.map((reason) => (
            <option value={reason}>{words.reasons[reason]}</option>
          ))}
        </select>
        <button class="danger">{words.reject}</button>
      </form>
    </div>
  );
}
