import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { newToken } from "../../api/auth/token.ts";
import { newId } from "../../domain/id.ts";
import { tokenOf } from "./factor-steps.ts";
import { createOwnerWorld } from "./owner-world.ts";
import type { OwnerWorld } from "./owner-world.ts";

type Described = { operationId: string; "x-account"?: string };
type Operation = { operationId: string; method: string; path: string; account: string };

let world: OwnerWorld;
let operations: Operation[];
beforeAll(async () => {
  world = await createOwnerWorld();
  const { body } = await world.ask("GET", "/openapi.json");
  const paths = body.paths as Record<string, Record<string, Described>>;
  operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { operationId, "x-account": account }]) =>
      account === undefined
        ? []
        : [
            {
              operationId,
              method: method.toUpperCase(),
              path: path.replace("{sessionId}", newId<string>()),
              account,
            },
          ],
    ),
  );
});
afterAll(() => world.close());

async function endedSession(): Promise<string> {
  const token = await tokenOf(world, await world.addAccount());
  await world.ask("DELETE", "/v1/sessions/current", { token });
  return token;
}

const strangers: [string, () => Promise<string | undefined>][] = [
  ["nobody", () => Promise.resolve(undefined)],
  ["an API key", async () => (await world.addTenant()).key],
  ["a session that was signed out", endedSession],
  ["a token that was never given", () => Promise.resolve(newToken("session").token)],
  ["a sign-in's token", () => Promise.resolve(newToken("signIn").token)],
];

describe.each(strangers)("%s", (_name, open) => {
  test("M:ONAMI-35 is refused by every operation of an account", async () => {
    const token = await open();
    expect(operations.length).toBeGreaterThan(12);
    for (const { operationId, method, path } of operations) {
      const { status, body } = await world.ask(method, path, {
        ...(token === undefined ? {} : { token }),
        body: method === "GET" || method === "DELETE" ? undefined : {},
      });
      expect({ [operationId]: [status, body.code] }).toEqual({ [operationId]: [401, "session.missing"] });
    }
  });
});

test("whoever has not proven the address may prove it, look at the session and sign out, and nothing else", async () => {
  const person = await world.addAccount();
  await world.owner.query("update accounts set verified_at = null where id = $1", [person.accountId]);
  const token = await tokenOf(world, person);
  const open = operations.filter(({ account }) => account === "unverified");
  expect(open.map(({ operationId }) => operationId).toSorted()).toEqual([
    "endCurrentSession",
    "getCurrentSession",
    "resendEmailVerification",
    "verifyEmail",
  ]);
  for (const { operationId, method, path } of operations.filter(({ account }) => account !== "unverified")) {
    const body = method === "GET" || method === "DELETE" ? undefined : {};
    const { status, body: problem } = await world.ask(method, path, { token, body });
    expect({ [operationId]: [status, problem.code] }).toEqual({ [operationId]: [403, "account.unverified"] });
  }
});

test("M:ONAMI-35 a cookie alone, sent by another site, changes nothing of an account", async () => {
  const cookie = `session=${await tokenOf(world, await world.addAccount())}`;
  for (const { operationId, method, path } of operations.filter(({ method }) => method !== "GET")) {
    const headers = { cookie, origin: "https://evil.example" };
    const { status, body } = await world.ask(method, path, { headers });
    expect({ [operationId]: [status, body.code] }).toEqual({
      [operationId]: [403, "request.foreign_origin"],
    });
  }
});
