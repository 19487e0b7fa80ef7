import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { ensureLoginRoles, loginRoles, migrateToLatest } from "../../db/migrate.ts";
import type { LoginRole } from "../../db/migrate.ts";
import { startEmbeddedPostgres } from "../../runtime/embedded-postgres.ts";
import { createDatabase } from "../../runtime/prepare-database.ts";
import { endProcess, findProcess } from "../../runtime/running-process.ts";
import { tempFolder } from "./temp-folder.ts";
import type { TestDatabase } from "./test-database.ts";

export type OwnPostgres = {
  /** Migrated, with its login roles. */
  database: TestDatabase;
  /** `kill -9`; what was committed stays. */
  kill: () => Promise<void>;
  /** Starts it again on the same port. */
  start: () => Promise<void>;
};

/** A PostgreSQL of this test alone, for what would disturb others; it ends with the test. */
export async function startOwnPostgres(): Promise<OwnPostgres> {
  const folder = await tempFolder();
  const password = randomBytes(16).toString("hex");
  const launch = (port: number) =>
    startEmbeddedPostgres({
      dataFolder: join(folder, "postgres"),
      logFile: join(folder, "postgres.log"),
      password,
      port,
      progress: () => undefined,
    });
  let server = await launch(0);
  onTestFinished(() => server.stop());
  const ownerUrl = await createDatabase(server.url, "own");
  const secret = () => randomBytes(16).toString("hex");
  const passwords = Object.fromEntries(loginRoles.map((role) => [role, secret()])) as Record<
    LoginRole,
    string
  >;
  await ensureLoginRoles(ownerUrl, passwords);
  await migrateToLatest(ownerUrl);
  const url = (role: LoginRole) => {
    const login = new URL(ownerUrl);
    login.username = role;
    login.password = passwords[role];
    return login.href;
  };
  return {
    database: {
      name: "own",
      urls: {
        api: url("app_api"),
        worker: url("app_worker"),
        admin: url("app_admin"),
        system: url("app_system"),
        keyring: url("keyring"),
        owner: ownerUrl,
      },
      drop: () => Promise.resolve(), // it goes away with its server
    },
    kill: async () => {
      const running = findProcess(server.pid);
      if (running) await endProcess({ ...running, signal: "SIGKILL", graceMs: 5_000 });
    },
    start: async () => {
      server = await launch(server.port);
    },
  };
}
