import { afterAll, beforeAll, expect, test, vi } from "vitest";

import { createApiWorld } from "./api-world.ts";
import type { ApiWorld } from "./api-world.ts";

vi.unmock("@node-rs/argon2");

let world: ApiWorld;
beforeAll(async () => {
  world = await createApiWorld();
});
afterAll(() => world.close());

type Credentials = { email: string; password: string };

async function signIn({ email, password }: Credentials): Promise<number> {
  const response = await world.api.app.request("/v1/sessions", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ email, password }),
  });
  return response.status;
}

test("hashes a password for an unknown address too", async () => {
  const account = await world.addAccount();
  // Processor time, since the clock on the wall says little on a busy machine.
  const effortOf = async (credentials: Credentials) => {
    const before = process.cpuUsage();
    for (let run = 0; run < 3; run += 1) expect(await signIn(credentials)).toBe(401);
    return process.cpuUsage(before).user;
  };
  await signIn({ email: "warm-up@example.com", password: "x" });
  const known = await effortOf({ ...account, password: "wrong" });
  const unknown = await effortOf({ email: "nobody@example.com", password: "wrong" });
  expect(unknown).toBeGreaterThan(known / 3);
});

test("keeps a password as argon2id with the effort that we promise", async () => {
  const { accountId, email, password } = await world.addAccount();
  const { rows } = await world.owner.query<{ hash: string }>(
    "select password_hash as hash from accounts where id = $1",
    [accountId],
  );
  expect(rows[0]?.hash).toMatch(/^\$argon2id\$v=19\$m=65536,t=3,p=1\$/);
  expect(await signIn({ email, password })).toBe(201);
});
