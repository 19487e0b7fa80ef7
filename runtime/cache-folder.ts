import { homedir } from "node:os";
import { join } from "node:path";

/** What is built or downloaded once for all checkouts of this user. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  return join(env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "shopthread");
}
