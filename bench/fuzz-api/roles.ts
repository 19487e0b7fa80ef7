import { addStaff } from "./fill-shop.ts";
import type { SignIn } from "./fill-shop.ts";
import type { RunFacts } from "../../runtime/run-file.ts";

export const roleNames = ["key", "owner", "staff", "admin", "compliance", "nobody"] as const;
export type RoleName = (typeof roleNames)[number];

/** How a role proves who it is: the scheme of `/openapi.json` and what goes with it. */
export type Credential =
  | { scheme: "bearer"; value: string }
  | { scheme: "sessionCookie"; value: string }
  | { scheme: "none" };

/** Sessions as the console has them, by cookie; staff by the token in the header; nobody without. */
export async function openRole(name: RoleName, facts: RunFacts): Promise<Credential> {
  const { api, demo } = facts;
  if (!demo) throw new TypeError("the demonstration is off");
  switch (name) {
    case "key":
      return { scheme: "bearer", value: demo.apiKey };
    case "owner":
      return { scheme: "sessionCookie", value: await signIn(api, demo.owner) };
    case "staff":
      return { scheme: "bearer", value: await signIn(api, await addStaff(facts)) };
    case "admin":
    case "compliance":
      return { scheme: "sessionCookie", value: await signIn(api, demo[name]) };
    case "nobody":
      return { scheme: "none" };
  }
}

async function signIn(api: string, account: SignIn | undefined): Promise<string> {
  const answer = await fetch(`${api}/v1/sessions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(account),
  });
  if (answer.status !== 201) throw new Error(`signing in: ${answer.status} ${await answer.text()}`);
  const { token } = (await answer.json()) as { token: string };
  return token;
}
