import type { Plan, TopUp, UpgradeRequestDetail } from "./api-types.ts";
import { callApi } from "./call-api.ts";
import type { ConsoleContext } from "./console-env.ts";
import { consolePicture } from "./evidence-view.tsx";
import { showPage } from "./layout.tsx";
import { Amount, Chip, Facts, Said, Time } from "./parts.tsx";
import { nameOfBought } from "./plan-page.tsx";
import { upgradeTone } from "./upgrade-tone.ts";

/** One request for a plan or for credits: what became of it, and why. */
export async function showRequest(c: ConsoleContext, requestId: string): Promise<Response> {
  const { viewer } = c.var;
  const { words } = viewer;
  const get = <T,>(path: string) => callApi<T>(c, { method: "GET", path });
  const request = await get<UpgradeRequestDetail>(`/upgrade-requests/${encodeURIComponent(requestId)}`);
  const { data: plans } = await get<{ data: Plan[] }>("/plans");
  const { data: topUps } = await get<{ data: TopUp[] }>("/top-ups");
  const { reason, submittedAt, endedAt, picture } = request;
  return showPage(c, {
    title: nameOfBought(request, { viewer, plans, topUps }),
    section: "plan",
    children: (
      <>
        <p class="back">
          <a href="/console/plan">← {words.plan.title}</a>
        </p>
        <h1>{nameOfBought(request, { viewer, plans, topUps })}</h1>
        <p>
          <Chip tone={upgradeTone(request.state)}>{words.upgradeState[request.state]}</Chip>
        </p>
        <Facts
          rows={[
            [words.admin.price, <Amount money={request.price} />],
            [words.plan.reason, reason === null ? null : <Said text={reason} />],
            [words.plan.askedFor, <Time at={request.createdAt} viewer={viewer} />],
            [words.plan.handedIn, submittedAt && <Time at={submittedAt} viewer={viewer} />],
            [words.plan.ended, endedAt && <Time at={endedAt} viewer={viewer} />],
          ]}
        />
        {picture === null ? null : (
          <figure class="slip">
            <img src={consolePicture(picture.url)} alt={words.plan.picture} />
          </figure>
        )}
      </>
    ),
  });
}
