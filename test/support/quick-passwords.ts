import type * as Argon2 from "@node-rs/argon2";
import { vi } from "vitest";

/**
 * Argon2 as it is, with parameters that cost next to nothing: every shop of a test has an owner who signs in. What is
 * about the effort itself takes the true ones back by `vi.unmock`.
 */
vi.mock("@node-rs/argon2", async (importOriginal) => {
  const argon2 = await importOriginal<typeof Argon2>();
  const hash: typeof argon2.hash = (password, options) =>
    argon2.hash(password, { ...options, memoryCost: 64, timeCost: 1 });
  return { ...argon2, hash };
});
