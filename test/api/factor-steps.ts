import { Secret, TOTP } from "otpauth";

import type { Answer, OwnerWorld } from "./owner-world.ts";
import type { TestAccount } from "./api-world.ts";

/** Also a world that signs in in another way. */
type World = Pick<OwnerWorld, "ask" | "deps" | "passTime">;

export type Enrolled = { secret: string; token: string; recoveryCodes: string[] };

/** What an authenticator app shows by the product's clock, `steps` periods off. */
export function codeOf(world: World, secret: string, steps = 0): string {
  const timestamp = world.deps.clock.now().getTime() + steps * 30_000;
  return new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp });
}

export function signIn(
  world: OwnerWorld,
  { email, password }: Pick<TestAccount, "email" | "password">,
  headers: Record<string, string> = {},
): Promise<Answer> {
  return world.ask("POST", "/v1/sessions", { body: { email, password }, headers });
}

export async function tokenOf(world: OwnerWorld, account: TestAccount): Promise<string> {
  return (await signIn(world, account)).body.token;
}

/** A confirmed second factor; a period later, so that the next code is a new one. */
export async function enrol(world: World, token: string): Promise<Enrolled> {
  const { secret } = (await world.ask("POST", "/v1/second-factor", { token })).body;
  const body = { code: codeOf(world, secret) };
  const confirmed = (await world.ask("POST", "/v1/second-factor/confirm", { token, body })).body;
  world.passTime(30_000);
  return { secret, token: confirmed.token, recoveryCodes: confirmed.recoveryCodes };
}

/** An account of a shop with a second factor. */
export async function addEnrolled(world: OwnerWorld): Promise<TestAccount & Enrolled> {
  const [shop, account] = [await world.addShop(), await world.addAccount()];
  await world.addMember(shop.shopId, account.accountId);
  return { ...account, ...(await enrol(world, await tokenOf(world, account))) };
}

export function giveCode(world: World, codeToken: string, code: string): Promise<Answer> {
  return world.ask("POST", "/v1/sessions/code", { body: { codeToken, code } });
}

export async function signInWith(
  world: OwnerWorld,
  account: Pick<TestAccount, "email" | "password">,
  code: string,
): Promise<Answer> {
  const { body } = await signIn(world, account);
  return giveCode(world, body.codeToken, code);
}
