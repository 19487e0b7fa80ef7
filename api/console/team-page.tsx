import type { Hono } from "hono";

import { membershipRoles } from "../../domain/account/roles.ts";
import { showAccountPage } from "./account-layout.tsx";
import type { Invitation, Member, NewInvitation, PageOf } from "./api-types.ts";
import { callApi } from "./call-api.ts";
import { carryOut, isStepUpNeeded } from "./carry-out.ts";
import type { ConsoleContext, ConsoleEnv, Viewer } from "./console-env.ts";
import { flashProblem } from "./flash-problem.ts";
import { readForm } from "./form.ts";
import { showPage } from "./layout.tsx";
import { Said } from "./parts.tsx";
import { keep, showStepUp } from "./step-up-page.tsx";
import { requireVisit } from "./viewer.ts";

const page = "/console/team";
const joinPage = "/console/join";

/** Who works in the shop, for its owner. */
export function mountTeam(app: Hono<ConsoleEnv>): void {
  app.get("/team", (c) => showTeam(c));

  // Where changing the language leads from the invitation's code, which is shown once.
  app.get("/team/invite", (c) => c.redirect(page, 303));

  app.post("/team/invite", async (c) => {
    const form = await readForm(c);
    try {
      const body = { email: form.required("email"), role: form.required("role") };
      return await showToken(
        c,
        await callApi<NewInvitation>(c, { method: "POST", path: "/invitations", body }),
      );
    } catch (error) {
      if (isStepUpNeeded(error)) return showStepUp(c, { next: page, kept: keep(c, form) });
      flashProblem(c, error);
      return c.redirect(page, 303);
    }
  });

  app.post("/team/:accountId/role", async (c) => {
    const form = await readForm(c);
    return carryOut(c, {
      call: () => ({
        method: "PATCH",
        path: `/members/${encodeURIComponent(c.req.param("accountId"))}`,
        body: { role: form.required("role") },
      }),
      done: "memberChanged",
      page,
      form,
    });
  });

  app.post("/team/:accountId/remove", async (c) => {
    const form = await readForm(c);
    return carryOut(c, {
      call: () => ({ method: "DELETE", path: `/members/${encodeURIComponent(c.req.param("accountId"))}` }),
      done: "memberRemoved",
      page,
      form,
    });
  });

  app.post("/team/invitations/:invitationId/take-back", (c) =>
    carryOut(c, {
      call: () => ({
        method: "DELETE",
        path: `/invitations/${encodeURIComponent(c.req.param("invitationId"))}`,
      }),
      done: "invitationTakenBack",
      page,
    }),
  );
}

/** For whoever is invited, and may belong to no shop yet. */
export function mountJoin(app: Hono<ConsoleEnv>): void {
  app.get("/join", requireVisit, showJoin);

  app.post("/join", requireVisit, async (c) => {
    const form = await readForm(c);
    try {
      const body = { token: form.required("token") };
      await callApi(c, { method: "POST", path: "/invitations/accept", body });
      return c.redirect("/console", 303);
    } catch (error) {
      flashProblem(c, error);
      return c.redirect(joinPage, 303);
    }
  });
}

function showJoin(c: ConsoleContext): Promise<Response> {
  const { team } = c.var.visit.words;
  return showAccountPage(c, {
    title: team.accept,
    children: (
      <form method="post" action={joinPage} class="form">
        <label for="token">{team.acceptLead}</label>
        <input
          id="token"
          name="token"
          autocomplete="off"
          maxLength={100}
          value={c.req.query("token")}
          required
        />
        <button class="primary">{team.join}</button>
      </form>
    ),
  });
}

async function showTeam(c: ConsoleContext): Promise<Response> {
  const { viewer } = c.var;
  const { team } = viewer.words;
  const members = await callApi<PageOf<Member>>(c, { method: "GET", path: "/members?limit=100" });
  const invitations = await callApi<PageOf<Invitation>>(c, { method: "GET", path: "/invitations?limit=100" });
  const mayWrite = viewer.actor.scopes.has("team.write");
  return showPage(c, {
    title: team.title,
    section: "shop",
    children: (
      <>
        <h1>{team.title}</h1>
        <ul class="plain-list">
          {members.data.map((member) => (
            <MemberItem member={member} viewer={viewer} mayWrite={mayWrite} />
          ))}
        </ul>
        {invitations.data.length === 0 ? null : <h2>{team.invited}</h2>}
        <ul class="plain-list">
          {invitations.data.map((invitation) => (
            <InvitationItem invitation={invitation} viewer={viewer} mayWrite={mayWrite} />
          ))}
        </ul>
        {mayWrite ? <InviteForm viewer={viewer} /> : null}
      </>
    ),
  });
}

type Props = { viewer: Viewer; mayWrite: boolean };

function MemberItem({ member, viewer, mayWrite }: Props & { member: Member }) {
  const { team } = viewer.words;
  const { accountId, name, username, email, role } = member;
  return (
    <li class="card">
      <p>
        <strong>
          <Said text={name ?? username ?? email ?? accountId} />
        </strong>{" "}
        · {team.roles[role]}
      </p>
      {email === null ? null : (
        <p class="muted">
          <Said text={email} />
        </p>
      )}
      {mayWrite ? (
        <>
          <form method="post" action={`${page}/${accountId}/role`} class="form">
            <RoleChoice viewer={viewer} chosen={role} id={`role-${accountId}`} />
            <button>{team.change}</button>
          </form>
          <form method="post" action={`${page}/${accountId}/remove`}>
            <button class="danger">{team.remove}</button>
          </form>
        </>
      ) : null}
    </li>
  );
}

function InvitationItem({ invitation, viewer, mayWrite }: Props & { invitation: Invitation }) {
  const { team } = viewer.words;
  const { id, email, role } = invitation;
  return (
    <li class="card">
      <p>
        <Said text={email ?? id} /> · {team.roles[role]}
      </p>
      {mayWrite ? (
        <form method="post" action={`${page}/invitations/${id}/take-back`}>
          <button>{team.takeBack}</button>
        </form>
      ) : null}
    </li>
  );
}

function InviteForm({ viewer }: { viewer: Viewer }) {
  const { team } = viewer.words;
  return (
    <form method="post" action={`${page}/invite`} class="form">
      <h2>{team.invite}</h2>
      <label for="email">{team.email}</label>
      <input id="email" name="email" type="email" maxLength={254} required />
      <RoleChoice viewer={viewer} chosen="order_agent" id="role" />
      <button class="primary">{team.send}</button>
    </form>
  );
}

function RoleChoice({ viewer, chosen, id }: { viewer: Viewer; chosen: string; id: string }) {
  const { team } = viewer.words;
  return (
    <>
      <label for={id}>{team.role}</label>
      <select id={id} name="role">
        {membershipRoles.map((role) => (
          <option value={role} selected={role === chosen}>
            {team.roles[role]}
          </option>
        ))}
      </select>
    </>
  );
}

function showToken(c: ConsoleContext, { token }: NewInvitation): Promise<Response> {
  const { team, account } = c.var.viewer.words;
  return showPage(c, {
    title: team.tokenTitle,
    section: "shop",
    children: (
      <section class="card">
        <h1>{team.tokenTitle}</h1>
        <p>
          {team.token} {account.shownOnce}
        </p>
        <p>
          <code>{token}</code>
        </p>
        <p>
          <a class="button" href={page}>
            {team.back}
          </a>
        </p>
      </section>
    ),
  });
}
