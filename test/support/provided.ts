import type { LoginRole } from "../../db/migrate.ts";

/** What global setup hands to the test files of the project `system`. */
export type ProvidedPostgres = {
  superuserUrl: string;
  templateDatabase: string;
  rolePasswords: Record<LoginRole, string>;
};

export type ProvidedTemporal = {
  address: string;
  namespaces: string[];
  /** The server's program, for tests that start one of their own. */
  binary: string;
};

declare module "vitest" {
  interface ProvidedContext {
    postgres: ProvidedPostgres;
    temporal: ProvidedTemporal;
    /** RSA, of a service account that pushes: making one takes as long as the rest of a world. */
    pushKeyPem: string;
    /** Path of the bundled workflow code; empty as long as there are no workflows. */
    workflowBundlePath: string;
  }
}
